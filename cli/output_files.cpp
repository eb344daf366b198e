#include "cli/output_files.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace dbtool::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 4> kinds{"junit", "sarif", "json", "github"};

OutputKind parse_kind(const std::string& word) {
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (word == kinds[i]) return static_cast<OutputKind>(i);
  throw Error(ExitCode::usage,
              fmt::format("--output: there is no kind '{}'{}", word, did_you_mean(word, kinds)),
              "write junit=FILE, sarif=FILE, json=FILE or github");
}

Error unwritable_output(const fs::path& file, const std::string& reason) {
  return Error(ExitCode::usage,
               fmt::format("--output: cannot write {}: {}; nothing was judged", file.string(), reason),
               "name a file in a folder that exists and may be written to");
}

/// Whether the path names something that a rename would destroy: a device, a pipe.
bool is_special(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored) && !fs::is_regular_file(file, ignored);
}

}  // namespace

std::vector<Output> parse_outputs(const std::vector<std::string>& values, bool result_is_json) {
  std::vector<Output> outputs;
  std::set<fs::path> files;
  bool stdout_taken = result_is_json;
  for (const std::string& value : values) {
    const std::size_t equals = value.find('=');
    Output output{parse_kind(value.substr(0, equals)), {}};
    const std::string file = equals == std::string::npos ? "-" : value.substr(equals + 1);
    if (file.empty())
      throw Error(ExitCode::usage, fmt::format("--output: '{}' names no file", value),
                  "write e.g. " + value + "report, or - for stdout");
    if (file != "-") output.file = file;
    const bool twice =
        output.file.empty() ? stdout_taken : !files.insert(output.file.lexically_normal()).second;
    if (twice)
      throw Error(ExitCode::usage,
                  output.file.empty() ? "--output: two results cannot both go to stdout"
                                      : fmt::format("--output: {} is named twice", file),
                  "give each a file of its own: --output " + value.substr(0, equals) + "=FILE");
    stdout_taken = stdout_taken || output.file.empty();
    outputs.push_back(std::move(output));
  }
  return outputs;
}

void check_writable(const fs::path& file) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) throw unwritable_output(file, "it is a directory");
  if (is_special(file)) {
    if (::access(file.c_str(), W_OK) != 0) throw unwritable_output(file, std::strerror(errno));
    return;
  }
  // Only trying tells of full or read-only disks, quotas and the like.
  std::string trial = file.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(trial.data());
  if (descriptor < 0) throw unwritable_output(file, std::strerror(errno));
  ::close(descriptor);
  ::unlink(trial.c_str());
}

void write_output(const fs::path& file, std::string_view contents) {
  if (!is_special(file)) return write_file_atomically(file, contents);
  std::ofstream stream(file, std::ios::binary);
  stream << contents << std::flush;
  if (!stream) throw Error(ExitCode::failed, "cannot write " + file.string());
}

}  // namespace dbtool::cli
