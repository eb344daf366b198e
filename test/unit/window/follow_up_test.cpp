#include "window/follow_up.h"

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::window;

namespace {

TableCost analyzed_table(std::int64_t rows, std::optional<double> seconds) {
  TableCost table;
  table.rows_before = table.rows_after = rows;
  table.bytes_before = table.bytes_after = rows * 100;
  table.analyze_seconds = seconds;
  return table;
}

}  // namespace

TEST_CASE("What analyze takes grows with the rows only as far as it looks at all of them", "[window]") {
  CHECK(analyze_seconds(analyzed_table(1'000'000, 4.0), 100'000'000) == Approx(6));
  CHECK(analyze_seconds(analyzed_table(3'000, 0.1), 1'000'000) == Approx(1.5));
  CHECK(analyze_seconds(analyzed_table(1'000'000, 4.0), 3'000) == Approx(0.6));
  CHECK(analyze_seconds(analyzed_table(1'000'000, 4.0), std::nullopt) == Approx(6));
  CHECK(analyze_seconds(analyzed_table(0, 0.01), 0) == Approx(0.015));
  CHECK(analyze_seconds(analyzed_table(1'000'000, std::nullopt), 1'000) == Approx(1));
  // The milliseconds of a table of ten rows are no measure of a row.
  CHECK(analyze_seconds(analyzed_table(10, 0.005), 1'000'000) == Approx(0.075));
}

TEST_CASE("Statistics are wrong of tables that were changed and are still there", "[window]") {
  TableCost table = analyzed_table(1000, std::nullopt);
  CHECK_FALSE(needs_analyze(table));  // it was only read
  table.dead_rows = 5;
  CHECK(needs_analyze(table));
  table = analyzed_table(1000, std::nullopt);
  table.rewritten = true;
  CHECK(needs_analyze(table));
  table.rows_after = table.bytes_after = 0;
  CHECK_FALSE(needs_analyze(table));

  // A script has made it, and the online part that follows fills it.
  table = analyzed_table(0, 1.9);
  table.bytes_after = 8192;
  CHECK_FALSE(needs_analyze(table));
  table.rows_after = 60'000;
  CHECK(needs_analyze(table));
}
