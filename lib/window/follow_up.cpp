#include "window/follow_up.h"

#include <algorithm>

namespace dbtool::window {

namespace {

constexpr double usual = 1;  // s
/// In a rehearsal the table is in memory by then.
constexpr double colder = 1.5;
/// Analyze looks at so many rows for default_statistics_target = 100, however many there are.
constexpr std::int64_t sampled_rows = 30'000;
/// Of fewer it takes as long as of so many: the catalog has the same rows written.
constexpr std::int64_t fixed_cost_rows = 3'000;

double sampled(std::int64_t rows) {
  return static_cast<double>(std::clamp(rows, fixed_cost_rows, sampled_rows));
}

}  // namespace

double analyze_seconds(const TableCost& table, std::optional<std::int64_t> rows) {
  if (!table.analyze_seconds) return usual;
  const std::int64_t rehearsed = std::max(table.rows_before, table.rows_after);
  return *table.analyze_seconds * colder * sampled(rows.value_or(sampled_rows)) / sampled(rehearsed);
}

bool needs_analyze(const TableCost& table) {
  const bool gone = table.bytes_after == 0 && table.rows_after == 0;
  // What an online part fills later counts there, with what its rows take.
  const bool empty = table.rows_before == 0 && table.rows_after == 0 && table.dead_rows == 0;
  return !gone && !empty &&
         (table.rows_before != table.rows_after || table.bytes_before != table.bytes_after ||
          table.rewritten || table.dead_rows > 0);
}

}  // namespace dbtool::window
