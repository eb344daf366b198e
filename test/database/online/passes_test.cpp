#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

#include <atomic>

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// Version 1 makes `source`, version 2 moves it into `copy` by this batch until `complete` says true.
void write_passing(const RunFixture& fixture, const std::string& batch, const std::string& complete) {
  fixture.write_scripts(1,
                        "begin\n  create table source (k int primary key, v text);\n"
                        "  insert into source select i, 'v' from generate_series(1, 2000) i;\nend",
                        "begin\n  drop table source;\nend");
  fixture.write_scripts(2, "begin\n  create table copy (like source including all);\nend",
                        "begin\n  drop table copy;\nend",
                        "online:\n  migration:\n    table: source\n    key: [k]\n    batch: |-\n      " +
                            batch + "\n    complete: |-\n      " + complete + "\nmethods: {}");
}

const std::string copy_once =
    "insert into copy select k, v from source e where $range:e$ for update of e on conflict do nothing";
const std::string none_missing =
    "select not exists (select from source s where not exists (select from copy c where c.k = s.k))";

}  // namespace

TEST_CASE("A batch that moves the same rows in every pass ends in an error, not never", "[online]") {
  RunFixture fixture;
  write_passing(fixture,
                "insert into copy select k, v from source e where $range:e$ for update of e "
                "on conflict (k) do update set v = excluded.v",
                "select not exists (select from source where v = 'v')");
  try {
    fixture.upgrade(2);
    FAIL("it went on");
  } catch (const run::StepError& error) {
    CHECK_THAT(error.what(), Catch::Contains("whole passes") && Catch::Contains("2000, 2000") &&
                                 Catch::Contains("source has not grown"));
    CHECK_THAT(error.advice(), Catch::Contains("on conflict do nothing") && Catch::Contains("services"));
    CHECK_THAT(error.facts().state, Catch::Contains("DATABASE IS AT 2") && Catch::Contains("unfinished"));
  }
  CHECK(fixture.text("select count(*) from copy") == "2000");
  SECTION("and goes on when that is mended") {
    fixture.database.exec("update source set v = 'w'");
    CHECK(fixture.upgrade(2) == 2);
    CHECK(fixture.text("select count(*) from dbtool.online") == "0");
  }
}

TEST_CASE("Services that add rows without end, and write one side only, are named", "[online]") {
  RunFixture fixture;
  write_passing(fixture, copy_once, none_missing);
  std::atomic<int> next = 0;
  // Behind the walk, at every batch: as a service does that knows nothing of the copy.
  fixture.on_event = [&](const Event& event) {
    if (!std::holds_alternative<BatchDone>(event)) return;
    const int first = next.fetch_sub(10);
    fixture.database.exec("insert into source select k, 'late' from generate_series(" +
                          std::to_string(first - 9) + ", " + std::to_string(first) + ") k");
  };
  try {
    fixture.upgrade(2);
    FAIL("it went on");
  } catch (const run::StepError& error) {
    CHECK_THAT(error.what(), Catch::Contains("whole passes") && Catch::Contains("source has grown by"));
    CHECK_THAT(error.advice(), Catch::Contains("services add rows") && Catch::Contains("both sides"));
  }
  fixture.on_event = {};
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from source except select count(*) from copy").empty());
}

TEST_CASE("Services that add rows for a while only delay the end", "[online]") {
  RunFixture fixture;
  write_passing(fixture, copy_once, none_missing);
  std::atomic<int> batches = 0;
  fixture.on_event = [&](const Event& event) {
    if (!std::holds_alternative<BatchDone>(event) || ++batches > 12) return;
    fixture.database.exec("insert into source values (" + std::to_string(-batches) + ", 'late')");
  };
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from source except select count(*) from copy").empty());
}
