#include "environment/probe_reckoning.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::environment;

namespace {

Portion portion(std::int64_t rows, double seconds, std::optional<double> again = {},
                std::int64_t full_pages = 0) {
  Portion one;
  one.rows = rows;
  one.seconds = seconds;
  one.again_seconds = again;
  one.full_pages = full_pages;
  return one;
}

ProbedStatement sampled(std::vector<Portion> portions, std::int64_t table_rows = 100'000) {
  ProbedStatement statement;
  statement.text = "update tasks set priority = 0";
  statement.table = "tasks";
  statement.table_rows = table_rows;
  statement.portions = std::move(portions);
  return statement;
}

ProbedStatement reckoned(ProbedStatement statement) {
  reckon_sampled(statement);
  return statement;
}

}  // namespace

TEST_CASE("What portions cost is carried over to all rows of the table", "[environment]") {
  // A row takes 10 µs, whatever portion it is in: 1 s for all of them.
  const std::vector<Portion> even(10, portion(1000, 0.01));
  const std::vector<Portion> again(10, portion(1000, 0.03, 0.01, 1000));
  ProbedStatement batch = sampled(even);
  batch.of_batch = true;
  ProbedStatement counted = sampled(again);
  counted.fewest_first_pages = 0.2;
  counted.most_first_pages = 0.5;
  ProbedStatement few_pages = sampled(again);
  few_pages.fewest_first_pages = few_pages.most_first_pages = 0.01;
  ProbedStatement all_pages = sampled(again);
  all_pages.fewest_first_pages = all_pages.most_first_pages = 7;
  struct Case {
    const char* name;
    ProbedStatement statement;
    double least, most;  ///< seconds between which both ends must be
  };
  const std::vector<Case> cases{
      {"filling a table", sampled(even), 1.0, 2.5},
      {"batches", batch, 0.85, 1.5},
      {"tried again, pages not counted", sampled(again), 0.9, 5.3},
      {"tried again, pages counted", counted, 1.0, 3.6},
      {"tried again, hardly a page for the first time", few_pages, 0.75, 1.8},
      {"tried again, every page for the first time", all_pages, 2.5, 5.3},
      {"portions of many sizes", sampled({portion(10, 0.0001), portion(5000, 0.05), portion(1, 0.00001)}),
       1.0, 2.5},
      {"the first of many warms up",
       sampled({portion(1000, 9), portion(1000, 0.01), portion(1000, 0.01), portion(1000, 0.01)}), 1.0, 2.5},
      {"empty places count for nothing",
       sampled({portion(0, 0.002), portion(1000, 0.01), portion(0, 0.002), portion(1000, 0.01),
                portion(1000, 0.01)}),
       1.0, 2.5},
      {"one portion alone", sampled({portion(1000, 0.01)}), 0.4, 3.6},
      {"nothing probed", sampled({}), 0, 0},
      {"no rows where it looked", sampled({portion(0, 0.002), portion(0, 0.003)}), 0, 0},
      {"a table without rows", sampled(even, 0), 0, 0},
  };
  for (const Case& one : cases) {
    INFO(one.name);
    const ProbedStatement found = reckoned(one.statement);
    CAPTURE(found.low, found.high);
    CHECK(found.low <= found.high);
    CHECK(found.low >= one.least);
    CHECK(found.high <= one.most);
    // Ten times the rows, ten times the time.
    ProbedStatement large = one.statement;
    large.table_rows *= 10;
    large = reckoned(large);
    CHECK(large.low == Approx(10 * found.low));
    CHECK(large.high == Approx(10 * found.high));
  }
}

TEST_CASE("What scatters is known less well", "[environment]") {
  const ProbedStatement even = reckoned(sampled(std::vector<Portion>(6, portion(1000, 0.01))));
  const ProbedStatement uneven =
      reckoned(sampled({portion(1000, 0.01), portion(1000, 0.002), portion(1000, 0.018), portion(1000, 0.001),
                        portion(1000, 0.019), portion(1000, 0.01)}));
  CHECK(uneven.low < even.low);
  CHECK(uneven.high > even.high);
  CHECK(uneven.low > 0);
}

TEST_CASE("What ran as it stands is carried over by how many more rows there will be", "[environment]") {
  struct Case {
    std::optional<double> times;
    std::int64_t rows;
    bool builds_index;
    double least, most;  ///< between which the middle must be, of a second that was measured
  };
  const std::vector<Case> cases{
      {std::nullopt, 0, false, 1, 1}, {std::nullopt, 1000, true, 1, 1}, {1.0, 1000, false, 1, 1},
      {100.0, 1000, false, 100, 100}, {100.0, 1000, true, 101, 200},  // a little faster than the rows
      {100.0, 0, true, 100, 1000},    {0.5, 1000, true, 0.5, 0.5},      {0.0, 1000, true, 0, 0},
  };
  for (const Case& one : cases) {
    CAPTURE(one.times.value_or(-1), one.rows, one.builds_index);
    ProbedStatement statement = sampled({portion(0, 0.4), portion(0, 0.6)});
    reckon_whole(statement, one.times, one.rows, one.builds_index);
    CHECK(statement.low <= statement.high);
    const double middle = std::sqrt(statement.low * statement.high);
    CHECK(middle >= Approx(one.least));
    CHECK(middle <= Approx(one.most));
    // Known to a factor.
    if (middle > 0) CHECK(statement.high / statement.low == Approx(one.times ? 4 : 2.25));
  }
  ProbedStatement nothing = sampled({});
  reckon_whole(nothing, 100.0, 1000, true);
  CHECK(nothing.low == 0);
  CHECK(nothing.high == 0);
}

TEST_CASE("A probe is kept as the sum of its statements, of script and batches apart", "[environment]") {
  Probe probe;
  probe.version = 7;
  probe.checksum = "sum";
  CHECK(records_of(probe).empty());
  ProbedStatement small = sampled({portion(100, 0.1)}, 1000);
  small.low = 1;
  small.high = 2;
  ProbedStatement large = sampled({portion(300, 0.1), portion(200, 0.1)}, 9000);
  large.table = "runs";
  large.low = 10;
  large.high = 20;
  ProbedStatement index = sampled({});
  index.text = "create index";
  index.not_probed = "locks tasks";
  index.builds_index = true;
  ProbedStatement quick = sampled({});
  quick.not_probed = "changes the catalog alone";
  quick.takes_time = false;
  probe.statements = {small, large, index, quick};
  std::vector<ledger::ProbeRecord> records = records_of(probe);
  REQUIRE(records.size() == 1);
  CHECK_FALSE(records[0].online);
  CHECK(records[0].version == 7);
  CHECK(records[0].checksum == "sum");
  CHECK(records[0].low == 11);
  CHECK(records[0].high == 22);
  CHECK(records[0].table == "runs");
  CHECK(records[0].table_rows == 9000);
  CHECK(records[0].rows == 500);
  CHECK(records[0].missing == "create index");
  CHECK(records[0].lacks == ledger::ProbeLacks::builds);
  // Work that is missing weighs more than an index that is.
  ProbedStatement work = index;
  work.text = "copy";
  work.builds_index = false;
  ProbedStatement batch = small;
  batch.of_batch = true;
  probe.statements = {index, work, index, small, batch};
  records = records_of(probe);
  REQUIRE(records.size() == 2);
  CHECK(records[0].missing == "create index; copy; create index");
  CHECK(records[0].lacks == ledger::ProbeLacks::work);
  CHECK(records[1].online);
  CHECK(records[1].missing.empty());
  // Where nothing was measured there is nothing to keep.
  probe.statements = {index, quick};
  CHECK(records_of(probe).empty());
}
