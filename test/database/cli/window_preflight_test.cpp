#include <nlohmann/json.hpp>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// The small project at version 1, which a window of an hour would bring to 2, and what dbtool.yml demands.
struct WindowProject : SmallProject {
  explicit WindowProject(const std::string& demands) {
    REQUIRE(dbtool({"upgrade", "1"}).exit_status != 1);
    database.exec("create table backups (age interval, seconds numeric)");
    database.exec("grant select on backups to public");
    demand(demands);
  }

  void demand(const std::string& demands) const { files.write("dbtool.yml", "window:\n" + demands); }
  ProcessOutcome in_window(std::vector<std::string> words) const {
    words.insert(words.end(), {"--window", "1h", "--reserve", "1min"});
    return dbtool(words);
  }
  void put_backup(const std::string& values) const {
    database.exec("truncate backups; insert into backups values (" + values + ")");
  }
  int version() const {
    return static_cast<int>(database.exec("select version from dbtool.version").integer(0, 0));
  }
};

constexpr const char* backup_by_interval = "  backupAge: {query: select min(age) from backups, limit: 26h}\n";
/// Of all times.
constexpr const char* frozen = "  freezes: [{from: 2000-01-01, to: 2999-12-31, reason: holidays}]\n";

}  // namespace

TEST_CASE("An upgrade in a window wants a good backup that is young enough", "[window]") {
  const WindowProject project(backup_by_interval);
  const auto refused = [&](const std::string& told) {
    const auto outcome = project.in_window({"upgrade"});
    INFO(outcome.errors);
    CHECK(outcome.exit_status == 1);
    CHECK(contains(outcome.errors, told));
    CHECK(contains(outcome.errors, "--force goes over what speaks against the window"));
    CHECK(project.version() == 1);
  };
  refused("no good backup is known of");
  project.put_backup("interval '27 hours 30 minutes', null");
  refused("the last good backup is 27 h 30 old, and is to be less than 26 h: make one first");
  project.put_backup("interval '-1 hour', null");
  refused("which cannot be");
  project.demand("  backupAge: {query: select age from backup, limit: 26h}\n");
  refused("the query of backupAge fails: ");
  refused("relation \"backup\" does not exist");
  project.demand("  backupAge: {query: \"select 'yesterday'\", limit: 26h}\n");
  refused("neither an interval nor seconds");
  project.demand("  backupAge: {query: \"select 1, 2\", limit: 26h}\n");
  refused("one value is wanted");
  project.demand("  backupAge: {query: delete from backups returning age, limit: 26h}\n");
  refused("read-only");

  // Seconds, too.
  project.demand("  backupAge: {query: select seconds from backups, limit: 26h}\n");
  project.put_backup("null, 93601.5");
  refused("26 h old");
  project.put_backup("null, 93599.5");
  CHECK(contains(project.in_window({"upgrade"}).output, "UPGRADED to 2"));
}

TEST_CASE("Without a window nothing is demanded of it", "[window]") {
  const WindowProject project(std::string(backup_by_interval) + frozen);
  CHECK(contains(project.dbtool({"upgrade"}).output, "UPGRADED to 2"));
}

TEST_CASE("What speaks against a window is told at once, by plan, too, and --force goes over it",
          "[window]") {
  // An hour of the day that is over and does not come again within the window.
  const WindowProject project(std::string(backup_by_interval) + frozen);
  const std::string hour(
      project.database.exec("select to_char(now() at time zone 'UTC' + interval '12 hours', 'HH24')")
          .text(0, 0));
  project.demand(std::string(backup_by_interval) + frozen + "  zone: UTC\n  hours: \"" + hour + ":00-" +
                 hour + ":30\"\n");
  const auto opened = project.dbtool({"window", "open", "1h", "--reserve", "1min"});
  CHECK(opened.exit_status == 0);
  CHECK(contains(opened.errors, "warning: nothing is to be changed until 3000-01-01 00:00 UTC"));
  const std::vector<std::string> told{"nothing is to be changed until 3000-01-01 00:00 UTC", "(holidays)",
                                      "outside the hours " + hour + ":00-" + hour + ":30 UTC",
                                      "no good backup is known of"};
  const auto refused = project.dbtool({"upgrade"});
  CHECK(refused.exit_status == 1);
  CHECK(project.version() == 1);
  const auto planned = project.dbtool({"plan"});
  CHECK(planned.exit_status == 0);
  const auto as_json = nlohmann::json::parse(project.dbtool({"plan", "--format", "json"}).output);
  CHECK(as_json["against_window"]["problems"].size() == 3);
  for (const std::string& part : told) {
    INFO(part);
    CHECK(contains(refused.errors, part));
    CHECK(contains(planned.output, part));
    CHECK(contains(as_json["against_window"]["problems"].dump(), part));
  }
  CHECK(contains(planned.output, "--   AGAINST THE WINDOW: nothing is to be changed"));
  CHECK(contains(project.dbtool({"upgrade", "--dry-run"}).output,
                 "--   AGAINST THE WINDOW: nothing is to be changed"));

  const auto forced = project.dbtool({"upgrade", "--force"});
  CHECK(contains(forced.output, "UPGRADED to 2"));
  for (const std::string& part : told) CHECK(contains(forced.errors, part));

  // Nothing keeps from the way back.
  const auto back = project.dbtool({"downgrade", "1"});
  INFO(back.errors);
  CHECK(contains(back.output, "DOWNGRADED to 1"));
  for (const std::string& part : told) CHECK(contains(back.errors, part));
  CHECK(contains(back.errors, "warning: nothing is to be changed"));
}

TEST_CASE("A plan without a window says nothing of one", "[window]") {
  const WindowProject project(frozen);
  const auto plan = nlohmann::json::parse(project.dbtool({"plan", "--format", "json"}).output);
  CHECK_FALSE(plan.contains("against_window"));
  CHECK_FALSE(contains(project.dbtool({"plan"}).output, "WINDOW"));
}

TEST_CASE("A zone of the window that does not exist is told", "[window]") {
  const WindowProject project("  hours: \"00:00-24:00\"\n  zone: Europe/Berln\n");
  const auto outcome = project.in_window({"upgrade"});
  CHECK(outcome.exit_status == 1);
  CHECK(contains(outcome.errors, "Europe/Berln"));
}

TEST_CASE("Transactions that are open when a window begins are told though they hold no table of it",
          "[window]") {
  const WindowProject project("  replicas: off\n");
  pg::Address dump{.url = project.database.url()};
  dump.application_name = "pg_dump";
  pg::Connection reader = pg::Connection::open(dump);
  reader.exec("begin isolation level repeatable read; select 1");
  const auto outcome = project.in_window({"upgrade"});
  INFO(outcome.errors);
  CHECK(contains(outcome.errors, "a pg_dump (pid " + std::to_string(reader.backend_pid())));
  CHECK(contains(outcome.output, "UPGRADED to 2"));
}

TEST_CASE("plan gives the advice of the team's rule, and a step that is not begun, too", "[window]") {
  const WindowProject project("  hours: \"00:00-24:00\"\n  zone: UTC\n  shortDowntime: 10min\n");
  project.files.write(
      "versions/0003.yml",
      "version: 3\nmigrationScript: |-\n  begin\n    update tasks set priority = 1;\n    perform "
      "pg_sleep(3);\n  end\ndowngradeScript: |-\n  begin\n    null;\n  end\nmethods: {}\n");
  project.database.exec(
      "drop table backups; insert into tasks select g::text, g from generate_series(1, 1000) g");
  project.database.exec("analyze tasks");
  REQUIRE(contains(project.dbtool({"upgrade", "2"}).output, "UPGRADED to 2"));
  const auto rehearsal =
      project.dbtool({"rehearse", "--no-again", "--on", project.database.owner_url(), "--force"});
  INFO(rehearsal.errors);
  REQUIRE((rehearsal.exit_status == 0 || rehearsal.exit_status == 3));
  REQUIRE(project.dbtool({"downgrade", "2", "--yes", project.database.name()}).exit_status != 1);

  const auto short_enough = project.dbtool({"plan"});
  INFO(short_enough.output);
  CHECK(contains(short_enough.output, "--         ADVICE: a short downtime in a lull (00:00-24:00 UTC)"));
  project.demand("  shortDowntime: 1s\n");
  const auto too_long = nlohmann::json::parse(project.dbtool({"plan", "--format", "json"}).output);
  const std::string advice = too_long["steps"][0]["advice"];
  CHECK(contains(advice, "longer than a short downtime (1 s): move its rows online"));

  const auto not_begun = project.dbtool({"upgrade", "--window", "3s", "--reserve", "1s"});
  CHECK(not_begun.exit_status == 4);
  CHECK(contains(not_begun.output, "NOT BEGUN: version 3"));
  CHECK(contains(not_begun.output, "dbtool new --kind online --table tasks TITLE"));
}
