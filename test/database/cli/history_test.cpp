#include <nlohmann/json.hpp>

#include "ledger/measures.h"
#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;
using nlohmann::json;

namespace {

/// What runs leave behind that were forecast and watched: run 1 to version 2, of which the first step took
/// 100 s.
void record_measures(const SmallProject& project) {
  pg::Connection connection = project.database.connect();
  const ledger::Session session = ledger::Session::from(Settings{});
  connection.exec(
      "update dbtool.runs set started = started - interval '300 s'; "
      "update dbtool.steps set started = finished - interval '100 s' where version = 1; "
      "update dbtool.steps set started = finished - interval '10 s' where version = 2");
  ledger::record(connection, session,
                 std::vector<ledger::ForecastRecord>{
                     {1, 1, Direction::upgrade, false, 80.0, 110.0, "rehearsed on 2026-11-20"},
                     {1, 2, Direction::upgrade, false, {}, {}, "never rehearsed"}});
  ledger::record(connection, session,
                 std::vector<ledger::LockRecord>{
                     {1, 1, Direction::upgrade, "tasks", "AccessExclusiveLock", 10, 3, 2},
                     {1, 1, Direction::upgrade, "tasks", "ShareLock", 12, 4, 0},
                     {1, 1, Direction::upgrade, "hooks", "ShareRowExclusiveLock", 50, 2, 0},
                     {1, 1, Direction::upgrade, "hooks", "ShareUpdateExclusiveLock", 0, 90, 0}});
}

}  // namespace

TEST_CASE("history holds what was forecast against what it took, and counts downtime by table",
          "[cli][history]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  CHECK_FALSE(contains(project.dbtool({"history"}).output, "predicted"));
  CHECK(contains(project.dbtool({"history", "--calibration"}).output, "no step with a forecast has run yet"));
  record_measures(project);
  const std::string text = project.dbtool({"history"}).output;
  INFO(text);
  CHECK(contains(text, "1 min 20 s – 1 min 50 s"));
  CHECK(contains(text, "1 min 40 s"));
  CHECK(contains(text, "rehearsed on 2026-11-20"));
  CHECK(contains(text, "unknown"));
  CHECK(contains(text, "\nforecasts: 1 step, median error 5 %, 1 of 1 inside the range\n"));
  const json runs = json::parse(project.dbtool({"history", "--format", "json"}).output);
  REQUIRE(runs.is_array());
  CHECK(runs[0]["steps"][0]["predicted"]["low_seconds"] == 80);
  CHECK(runs[0]["steps"][1]["predicted"]["low_seconds"].is_null());
  CHECK(runs[0]["steps"][1]["predicted"]["source"] == "never rehearsed");
  CHECK(runs[0]["failed_steps"].empty());
  CHECK(runs[0]["downtime_seconds"] == Approx(8));
  CHECK(runs[0]["downtime"] == json::parse(R"([
      {"table": "tasks", "not_readable_seconds": 3.0, "not_writable_seconds": 6.0},
      {"table": "hooks", "not_readable_seconds": 0.0, "not_writable_seconds": 2.0}])"));
  const json all =
      json::parse(project.dbtool({"history", "--calibration", "--limit", "0", "--format", "json"}).output);
  CHECK(all["runs"].empty());
  CHECK(all["calibration"] == json::parse(R"({"steps": 1, "inside_range": 1, "median_error": 0.05})"));
  CHECK(all["budget"].is_null());
}

TEST_CASE("Who may not read all of the ledger is shown the rest, and told so", "[cli][history]") {
  const SmallProject project;
  CHECK_FALSE(contains(project.dbtool({"history"}).errors, "may not read"));
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  record_measures(project);
  const auto revoke = [&](const std::string& tables) {
    project.database.exec("revoke select on " + tables + " from \"" + project.database.owner() + "\"");
  };
  revoke("dbtool.locks, dbtool.windows");
  const std::string told = "dbtool.locks, dbtool.windows, which this user may not read";
  for (const char* command : {"history", "report", "status"}) {
    INFO(command);
    const auto outcome = project.dbtool({command});
    INFO(outcome.output << outcome.errors);
    CHECK(outcome.exit_status == 0);
    CHECK(contains(outcome.errors, told));
  }
  const auto history = project.dbtool({"history", "--format", "json"});
  CHECK(contains(history.errors, told));
  CHECK(json::parse(history.output)[0]["steps"][0]["predicted"]["low_seconds"] == 80);
  // What is not known of is not left out of a sum.
  const auto budget = project.dbtool({"history", "--budget", "14h/quarter"});
  CHECK(budget.exit_status == 1);
  CHECK(contains(budget.errors, "may not read"));
  revoke("dbtool.runs, dbtool.steps");
  for (const char* command : {"history", "report"}) {
    const auto refused = project.dbtool({command});
    CHECK(refused.exit_status == 1);
    CHECK(contains(refused.errors, "this user may not read dbtool.runs"));
    CHECK(contains(refused.errors, "grant select"));
  }
  const auto status = project.dbtool({"status", "--format", "json"});
  INFO(status.errors);
  CHECK(status.exit_status == 0);
  CHECK(json::parse(status.output)["version"] == 2);
  CHECK(json::parse(status.output)["last_run"].is_null());
}

TEST_CASE("history shows a step that failed with what was forecast of it", "[cli][history]") {
  const SmallProject project;
  project.files.write("versions/0002.yml",
                      "version: 2\nmethods: {}\nmigrationScript: begin perform 1/0; end\n"
                      "downgradeScript: begin end\n");
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 1);
  pg::Connection connection = project.database.connect();
  ledger::record(
      connection, ledger::Session::from(Settings{}),
      std::vector<ledger::ForecastRecord>{{1, 2, Direction::upgrade, false, 5.0, 6.0, "its curve"}});
  const json runs = json::parse(project.dbtool({"history", "--format", "json"}).output);
  REQUIRE(runs[0]["failed_steps"].size() == 1);
  CHECK(runs[0]["steps"].size() == 1);
  CHECK(runs[0]["failed_steps"][0]["version"] == 2);
  CHECK(runs[0]["failed_steps"][0]["outcome"] == "failed");
  CHECK(runs[0]["failed_steps"][0]["predicted"]["high_seconds"] == 6);
  CHECK(contains(project.dbtool({"history"}).output, " s, failed"));
}

TEST_CASE("history --budget counts windows, and locks outside of them", "[cli][history]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  record_measures(project);
  const auto use = [&](const std::string& budget) {
    const auto outcome = project.dbtool({"history", "--budget", budget, "--format", "json"});
    INFO(outcome.errors);
    REQUIRE(outcome.exit_status == 0);
    return json::parse(outcome.output)["budget"];
  };
  json budget = use("1min/year");
  CHECK(budget["windows"] == 0);
  CHECK(budget["window_seconds"] == 0);
  // A year may just have begun: what was before it does not count.
  const bool begun = project.database
                         .exec(
                             "select date_trunc('year', now() at time zone 'UTC') < now() at time zone "
                             "'UTC' - interval '1 hour'")
                         .boolean(0, 0);
  if (begun) {
    CHECK(budget["outside_seconds"] == Approx(8));
    CHECK(budget["left_seconds"] == Approx(52));
    // A window around the run takes its locks in.
    project.database.exec(
        "insert into dbtool.windows (number, opened, closes, planned, reserve, closed, opened_by) "
        "select 1, started - interval '10 s', started + interval '1 h', started + interval '1 h', 60, "
        "started + interval '1000 s', 'ana' from dbtool.runs");
    budget = use("1min/year");
    CHECK(budget["windows"] == 1);
    CHECK(budget["window_seconds"] == Approx(1010));
    CHECK(budget["outside_seconds"] == Approx(0).margin(1e-6));
    CHECK(
        contains(project.dbtool({"history", "--budget", "1min/year"}).output, "OVERSPENT by 15 min 50 s\n"));
    CHECK(contains(project.dbtool({"history", "--budget", "14h/year"}).output, "13 h 43 min left\n"));
  }
  for (const char* wrong : {"14h", "14h/", "14h/decade", "much/year", "/year"}) {
    const auto outcome = project.dbtool({"history", "--budget", wrong});
    CHECK(outcome.exit_status == 2);
    CHECK(contains(outcome.errors, "14h/quarter"));
  }
}
