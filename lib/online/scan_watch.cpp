#include "online/scan_watch.h"

#include <fmt/format.h>

#include <algorithm>

namespace dbtool::online {

namespace {

constexpr int batches_to_tell = 5;
constexpr double step_growth = 1.02;  // less is noise
constexpr double least_ratio = 8;  // a batch that joins a few tables reads some rows for each that it moves
constexpr double least_growth = 1.25;  // over the five batches

}  // namespace

std::optional<std::string> ScanWatch::observe(std::int64_t rows_read, std::int64_t rows_moved) {
  if (rows_moved <= 0) return std::nullopt;
  const double ratio = static_cast<double>(rows_read) / static_cast<double>(rows_moved);
  // Both must grow: batches that become smaller raise the ratio of a fixed cost, and are no fault.
  const bool grows = last_ratio_ > 0 && ratio > last_ratio_ * step_growth && rows_read > last_read_;
  if (!grows) {
    growing_ = 0;
    first_ratio_ = ratio;
  } else {
    ++growing_;
  }
  last_ratio_ = ratio;
  last_read_ = rows_read;
  if (growing_ < batches_to_tell - 1 || ratio < least_ratio || ratio < first_ratio_ * least_growth)
    return std::nullopt;
  return fmt::format(
      "the batches read more and more rows for each one that they move ({:.0f} now, {:.0f} five batches "
      "ago): every batch "
      "scans from the start",
      ratio, first_ratio_);
}

std::optional<std::string> TableScanWatch::observe(std::int64_t rows_read, std::int64_t rows_of_range) {
  constexpr std::int64_t many = 20'000;  // a small table is rightly read whole
  constexpr std::int64_t times = 20;
  const bool scans = rows_read > many && rows_read > times * std::max<std::int64_t>(rows_of_range, 1);
  scanning_ = scans ? scanning_ + 1 : 0;
  if (scanning_ < batches_to_tell) return std::nullopt;
  return fmt::format(
      "the batches read {} rows of the table for a range of {}: they scan it instead of using the key",
      rows_read, rows_of_range);
}

}  // namespace dbtool::online
