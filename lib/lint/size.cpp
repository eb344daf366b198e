#include "lint/size.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace dbtool::lint {
namespace {

constexpr double megabyte = 1e6;
constexpr std::int64_t small_rows = 10'000;
constexpr std::int64_t small_bytes = 100'000'000;
constexpr std::int64_t large_rows = 1'000'000;
constexpr std::int64_t large_bytes = 1'000'000'000;
/// Of a table without rows and its indexes; a live database counts none in a table never analyzed, either.
constexpr std::int64_t empty_bytes = 131'072;  // 16 pages
constexpr std::int64_t bytes_per_row = 200;    ///< where a size tells of rows alone

std::int64_t bytes_of(const TableSize& size) {
  return size.bytes > 0 ? size.bytes : size.rows * bytes_per_row;
}

/// Bytes a second, a fast machine with the table in memory and a slow one without.
std::pair<double, double> rates(Work work) {
  switch (work) {
    case Work::scan:
      return {300 * megabyte, 100 * megabyte};
    case Work::index:
      return {120 * megabyte, 40 * megabyte};
    default:
      return {60 * megabyte, 20 * megabyte};
  }
}

std::string count_text(std::int64_t rows) {
  if (rows >= 1'000'000) return fmt::format("{:.3g} million rows", static_cast<double>(rows) / 1e6);
  return fmt::format("{} row{}", rows, rows == 1 ? "" : "s");
}

std::string bytes_text(std::int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000) return fmt::format("{:.3g} GB", value / 1e9);
  if (bytes >= 1'000'000) return fmt::format("{:.3g} MB", value / 1e6);
  return fmt::format("{} kB", std::max<std::int64_t>(1, bytes / 1000));
}

std::string range_text(double low, double high) {
  if (high < 1) return "under 1 s";
  const auto round = [](double value) { return std::max(1L, std::lround(value)); };
  const double unit = high < 90 ? 1 : high < 5400 ? 60 : 3600;
  const char* name = high < 90 ? "s" : high < 5400 ? "min" : "h";
  const long from = round(low / unit);
  const long to = round(high / unit);
  return from == to ? fmt::format("{} {}", to, name) : fmt::format("{}–{} {}", from, to, name);
}

}  // namespace

bool is_known_empty(const TableSize* size) {
  return size != nullptr && size->rows == 0 && size->bytes < empty_bytes;
}

Weight weight_of(const TableSize* size) {
  if (size == nullptr) return Weight::unknown;
  const std::int64_t bytes = bytes_of(*size);
  if (size->rows < small_rows && bytes < small_bytes) return Weight::small;
  return size->rows >= large_rows || bytes >= large_bytes ? Weight::large : Weight::middling;
}

Severity weigh(Severity own, Weight weight) {
  if (weight == Weight::small) return Severity::note;
  return weight == Weight::large ? Severity::error : own;
}

std::string size_text(const TableSize* size, Work work) {
  if (size == nullptr) return "";
  std::string text = count_text(size->rows) + (size->bytes > 0 ? ", " + bytes_text(size->bytes) : "");
  if (weight_of(size) == Weight::small) return text + ": quick";
  if (work == Work::none) return text;
  const auto [fast, slow] = rates(work);
  const auto bytes = static_cast<double>(bytes_of(*size));
  return text + ": an estimated " + range_text(bytes / fast, bytes / slow);
}

}  // namespace dbtool::lint
