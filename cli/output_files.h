#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::cli {

enum class OutputKind { junit, sarif, json, github };

/// One --output: a kind of report, and where it goes.
struct Output {
  OutputKind kind{};
  std::filesystem::path file;  ///< empty: stdout
};

/// Reads the values of --output, each "KIND", "KIND=FILE" or "KIND=-". `result_is_json`: --format json
/// already takes stdout. Throws Error(usage).
std::vector<Output> parse_outputs(const std::vector<std::string>& values, bool result_is_json);

/// Throws Error(usage) when the file cannot be written where it is to be; leaves nothing behind.
void check_writable(const std::filesystem::path& file);

/// Replaces the file as a whole; a device or a pipe is written to instead. Throws Error(failed).
void write_output(const std::filesystem::path& file, std::string_view contents);

}  // namespace dbtool::cli
