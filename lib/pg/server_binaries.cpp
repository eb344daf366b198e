#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/error.h"
#include "base/process.h"
#include "pg/server.h"

namespace dbtool::pg {

namespace {

namespace fs = std::filesystem;

bool has_server(const fs::path& directory) {
  std::error_code error;
  return fs::exists(directory / "initdb", error) && fs::exists(directory / "postgres", error);
}

int to_number(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// /usr/lib/postgresql/15/bin tells its major version; elsewhere the program is asked.
int major_of(const fs::path& directory) {
  if (const int number = to_number(directory.parent_path().filename().string()); number > 0) return number;
  // "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"
  const std::string version = run_process({(directory / "postgres").string(), "--version"}).output;
  const std::size_t number = version.find_first_of("0123456789");
  return number == std::string::npos ? 0 : to_number(std::string_view(version).substr(number));
}

std::vector<fs::path> debian_directories() {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error))
    found.push_back(entry.path() / "bin");
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return to_number(a.parent_path().filename().string()) > to_number(b.parent_path().filename().string());
  });
  return found;
}

std::optional<ServerBinaries> look_in(const fs::path& directory, int major) {
  if (!has_server(directory)) return std::nullopt;
  const ServerBinaries binaries{directory, major_of(directory)};
  if (major != 0 && binaries.major != major) return std::nullopt;
  return binaries;
}

std::optional<ServerBinaries> search(int major) {
  if (const char* pgbin = std::getenv("PGBIN"); pgbin != nullptr && *pgbin != '\0') {
    if (auto binaries = look_in(pgbin, major)) return binaries;
  }
  if (const auto pg_config = find_program("pg_config")) {
    std::string directory = run_process({pg_config->string(), "--bindir"}).output;
    while (!directory.empty() && directory.back() == '\n') directory.pop_back();
    if (auto binaries = look_in(directory, major)) return binaries;
  }
  for (const fs::path& directory : debian_directories()) {
    if (auto binaries = look_in(directory, major)) return binaries;
  }
  if (const auto initdb = find_program("initdb")) {
    std::error_code error;
    const fs::path program = fs::canonical(*initdb, error);
    if (auto binaries = look_in(program.parent_path(), major)) return binaries;
  }
  return std::nullopt;
}

}  // namespace

ServerBinaries server_binaries_in(const fs::path& directory) {
  if (auto binaries = look_in(directory, 0)) return *binaries;
  throw Error(ExitCode::unreachable, "there are no PostgreSQL server programs in " + directory.string(),
              "name a directory that holds initdb and postgres");
}

ServerBinaries find_server_binaries(int major) {
  if (auto binaries = search(major)) return *binaries;
  const std::string number = major == 0 ? "" : " " + std::to_string(major);
  throw Error(ExitCode::unreachable,
              "the programs of a PostgreSQL" + number + " server are not on this machine",
              "install the package postgresql" + (major == 0 ? "" : "-" + std::to_string(major)) +
                  ", or set PGBIN to the directory that holds initdb and postgres");
}

bool has_server_binaries(int major) {
  return search(major).has_value();
}

}  // namespace dbtool::pg
