#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <stdlib.h>

namespace dbtool::test {

/// A project directory in the temporary folder; it goes away with the test.
class ProjectFiles {
 public:
  ProjectFiles() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dbtool-project-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::system_error(errno, std::generic_category(), pattern);
    path_ = pattern;
  }
  ProjectFiles(const ProjectFiles&) = delete;
  ProjectFiles& operator=(const ProjectFiles&) = delete;
  ~ProjectFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  void write(const std::string& file, std::string_view contents) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << contents;
  }
  void remove(const std::string& file) const { std::filesystem::remove_all(path_ / file); }

 private:
  std::filesystem::path path_;
};

/// Writes versions/000N.yml; `keys` are the lines after `version:`.
inline void write_version(const ProjectFiles& files, int number, const std::string& keys) {
  const std::string digits = std::to_string(number);
  files.write("versions/" + std::string(4 - digits.size(), '0') + digits + ".yml",
              "version: " + digits + "\n" + keys + "\n");
}

/// A version with one script each way, in `|` blocks: `begin … end`, or plain statements. `more` are its
/// other keys, `methods` among them.
inline void write_scripts(const ProjectFiles& files, int number, const std::string& up,
                          const std::string& down, const std::string& more = "methods: {}") {
  const auto block = [](const std::string& text) {
    std::string indented = " |-\n  ";
    for (const char c : text) {
      indented += c;
      if (c == '\n') indented += "  ";
    }
    return indented + "\n";
  };
  write_version(files, number, "migrationScript:" + block(up) + "downgradeScript:" + block(down) + more);
}

/// Adds one version without methods, and schema files that declare nothing.
inline void write_minimal(const ProjectFiles& files) {
  files.write("versions/0001.yml", "version: 1\nmethods: {}\n");
  files.write("schema/tables.yml", "{}\n");
  files.write("schema/access.yml", "{}\n");
}

}  // namespace dbtool::test
