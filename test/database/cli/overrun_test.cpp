#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool::test;

namespace {

/// The small project, and a third version whose script takes so many seconds and leaves a table.
struct SlowProject : SmallProject {
  explicit SlowProject(const std::string& work = "perform pg_sleep(60);") {
    files.write("versions/0003.yml",
                "version: 3\ndescription: slow\nmigrationScript: |-\n  begin\n    create table slow (a "
                "integer);\n    "
                "raise notice 'sleeping';\n    " +
                    work +
                    "\n  end\ndowngradeScript: |-\n  begin\n    drop table slow;\n  end\nmethods: {}\n");
    REQUIRE(dbtool({"upgrade", "2"}).exit_status != 1);
  }

  std::string text(const std::string& query) const { return std::string(database.exec(query).text(0, 0)); }
  bool is_untouched() const {
    return text("select (select version from dbtool.version) || ' ' || (to_regclass('slow') is null)") ==
           "2 true";
  }
};

/// What runs in the background that dbtool started, and is not gone yet.
int backends_of_dbtool(const SlowProject& project) {
  return static_cast<int>(
      project.database
          .exec("select count(*) from pg_stat_activity where datname = current_database() and "
                "query like '%pg_sleep%' and pid <> pg_backend_pid()")
          .integer(0, 0));
}

}  // namespace

TEST_CASE("A version that does not fit its window is turned back at the latest moment", "[window]") {
  const SlowProject project;
  const auto outcome = project.dbtool({"upgrade", "--window", "12s", "--reserve", "1s"});
  CHECK(outcome.exit_status == 4);
  CHECK(contains(outcome.output, "TURNED BACK in version 3"));
  CHECK(contains(outcome.output, "DATABASE IS AT 2. Nothing of 3 remains."));
  CHECK(contains(outcome.output, "check: "));
  CHECK(contains(outcome.errors, "TURNING BACK, version 3"));
  CHECK(project.is_untouched());
  CHECK(backends_of_dbtool(project) == 0);
  // What was seen of it survives the rollback.
  CHECK(project.text("select outcome from dbtool.runs order by run desc limit 1") == "stopped");
  CHECK(project.text("select (count(*) > 0)::text from dbtool.samples where version = 3") == "true");
  CHECK(project.text("select count(*)::text from dbtool.forecasts where version = 3") == "1");
}

TEST_CASE("What was turned back is told as JSON, too", "[window]") {
  const SlowProject project;
  const auto outcome = project.dbtool({"upgrade", "--window", "12s", "--reserve", "1s", "--format", "json"});
  CHECK(outcome.exit_status == 4);
  const auto result = nlohmann::json::parse(outcome.output);
  CHECK(result["version"] == 2);
  CHECK(result["turned_back"]["version"] == 3);
  CHECK(result["turned_back"]["begun"] == true);
  CHECK(contains(outcome.errors, R"("event":"step_forecast")"));
  CHECK(contains(outcome.errors, R"("event":"turning_back")"));
}

TEST_CASE("A script that does not heed its cancel is terminated, and seen to be gone", "[window]") {
  const SlowProject project(R"(loop
      begin
        perform pg_sleep(60);
      exception when query_canceled then null;
      end;
    end loop;)");
  const auto outcome = project.dbtool({"upgrade", "--window", "10s", "--reserve", "1s"});
  CHECK(outcome.exit_status == 4);
  CHECK(contains(outcome.output, "DATABASE IS AT 2. Nothing of 3 remains."));
  CHECK(project.is_untouched());
  CHECK(backends_of_dbtool(project) == 0);
}

TEST_CASE("A version that was seen to take longer than the window is not begun, but with --force",
          "[window]") {
  const SlowProject project("perform pg_sleep(9);");
  REQUIRE(project.dbtool({"upgrade"}).exit_status != 1);
  REQUIRE(project.dbtool({"downgrade", "2", "--yes", project.database.name()}).exit_status != 1);
  // The last time here is a weak forecast: no reason to refuse, but to warn.
  const auto weak = project.dbtool({"upgrade", "--window", "8s", "--reserve", "1s"});
  CHECK(weak.exit_status == 4);
  CHECK(contains(weak.errors, "may not fit the window"));
  CHECK(project.is_untouched());
}

TEST_CASE("With --on-overrun warn nothing is turned back", "[window]") {
  const SlowProject project("perform pg_sleep(8);");
  const auto outcome =
      project.dbtool({"upgrade", "--window", "7s", "--reserve", "1s", "--on-overrun", "warn"});
  CHECK(contains(outcome.output, "UPGRADED to 3"));
  CHECK(contains(outcome.errors, "does not fit the window"));
}

TEST_CASE("A window that was opened before holds the upgrade, too", "[window]") {
  const SlowProject project;
  REQUIRE(project.dbtool({"window", "open", "10s", "--reserve", "1s"}).exit_status == 0);
  const auto outcome = project.dbtool({"upgrade"});
  CHECK(outcome.exit_status == 4);
  CHECK(contains(outcome.errors, "window 1 is open"));
  CHECK(project.is_untouched());
}

TEST_CASE("A window that is over, or was never closed, does not keep from the way back", "[window]") {
  const SlowProject project("perform 1;");
  REQUIRE(project.dbtool({"window", "open", "1h", "--reserve", "1min"}).exit_status == 0);
  REQUIRE(project.dbtool({"upgrade"}).exit_status != 1);
  project.database.exec("update dbtool.windows set closes = now() - interval '10 minutes'");
  const auto back = project.dbtool({"downgrade", "2", "--yes", project.database.name()});
  INFO(back.errors);
  CHECK(project.is_untouched());
  CHECK(contains(back.errors,
                 "the way back from version 3 is begun although it is not expected to fit the window"));
}

TEST_CASE("A window that is extended while the upgrade runs is heeded", "[window]") {
  // Works until it is told to end, so that neither a slow nor a fast machine makes it miss the moment.
  const SlowProject project(R"(while not pg_try_advisory_xact_lock(4711) loop
      perform pg_sleep(0.1);
    end loop;)");
  auto holder = project.database.connect();
  holder.exec("select pg_advisory_lock(4711)");
  REQUIRE(project.dbtool({"window", "open", "20s", "--reserve", "1s"}).exit_status == 0);
  auto upgrade = std::async(std::launch::async, [&] { return project.dbtool({"upgrade"}); });
  while (backends_of_dbtool(project) == 0 &&
         upgrade.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready)
    continue;
  CHECK(project.dbtool({"window", "extend", "1h"}).exit_status == 0);
  // It works on when the window as it was is over.
  while (project.text("select (clock_timestamp() < planned)::text from dbtool.windows") == "true")
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  holder.exec("select pg_advisory_unlock(4711)");
  const auto outcome = upgrade.get();
  INFO(outcome.errors);
  CHECK(contains(outcome.output, "UPGRADED to 3"));
  CHECK(contains(outcome.errors, "the window was moved"));
}

TEST_CASE("A rehearsal that cannot be read stands in nobody's way, unless it was asked for", "[window]") {
  const SmallProject project;
  project.files.write("rehearsals/2-20261130T000000Z.json", "{ not JSON");
  const auto asked = project.dbtool(
      {"upgrade", "--rehearsal", (project.files.path() / "rehearsals/2-20261130T000000Z.json").string()});
  CHECK(asked.exit_status == 2);
  CHECK(project.dbtool({"status"}).exit_status == 0);
  CHECK(contains(project.dbtool({"upgrade"}).output, "UPGRADED to 2"));
}

TEST_CASE("What the steps before a turned back one have filled is analyzed", "[window]") {
  const SlowProject project("insert into slow select generate_series(1, 1000);");
  project.files.write("versions/0004.yml",
                      "version: 4\nmigrationScript: |-\n  begin\n    perform pg_sleep(60);\n  "
                      "end\ndowngradeScript: |-\n  begin\n    null;\n  end\nmethods: {}\n");
  const auto outcome = project.dbtool({"upgrade", "--window", "12s", "--reserve", "1s"});
  CHECK(outcome.exit_status == 4);
  CHECK(contains(outcome.output, "DATABASE IS AT 3. Nothing of 4 remains."));
  CHECK(project.text("select reltuples::text from pg_class where relname = 'slow'") == "1000");
}

TEST_CASE("A version that runs statement by statement and is not begun is not told as partly there",
          "[window]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade", "1"}).exit_status != 1);
  project.files.write("versions/0002.yml",
                      "version: 2\ntransactional: false\nmigrationScript: |-\n  create table apart (a "
                      "integer);\ndowngradeScript: |-\n  drop table apart;\nmethods: {}\n");
  // The reserve leaves no time for anything.
  const auto outcome = project.dbtool({"upgrade", "2", "--window", "3s", "--reserve", "2900ms"});
  CHECK(outcome.exit_status == 4);
  CHECK(contains(outcome.output, "NOT BEGUN: version 2"));
  CHECK(contains(outcome.output, "DATABASE IS AT 1. Nothing was done by this step."));
  CHECK(project.database.exec("select to_regclass('apart') is null").boolean(0, 0));
}

TEST_CASE("Flags of a window that cannot be meant are refused before anything is done", "[window]") {
  const SmallProject project;
  const auto refused = [&](const std::vector<std::string>& flags, const std::string& told) {
    std::vector<std::string> words{"upgrade"};
    words.insert(words.end(), flags.begin(), flags.end());
    const auto outcome = project.dbtool(words);
    CAPTURE(flags);
    CHECK(outcome.exit_status == 2);
    CHECK(contains(outcome.errors, told));
  };
  refused({"--window", "12"}, "--window 12 is no length of time");
  refused({"--window", "1h", "--until", "08:00"}, "do not go together");
  refused({"--window", "1h", "--reserve", "1h"}, "the reserve takes the whole window");
  refused({"--window", "1h"}, "how long it takes to bring everything up again is not known");
  refused({"--reserve", "1h"}, "go with a window");
  refused({"--window", "1h", "--reserve", "1min", "--on-overrun", "ask"}, "needs a terminal");
  refused({"--until", "25:00", "--reserve", "1min"}, "25:00");
  CHECK(project.database.exec("select to_regclass('dbtool.version') is null").boolean(0, 0));
}

TEST_CASE("A rehearsal tells beforehand that a version does not fit", "[window]") {
  const SlowProject project("perform pg_sleep(6);");
  const auto rehearsal =
      project.dbtool({"rehearse", "--no-again", "--on", project.database.owner_url(), "--force"});
  INFO(rehearsal.errors);
  REQUIRE((rehearsal.exit_status == 0 || rehearsal.exit_status == 3));
  REQUIRE(project.dbtool({"downgrade", "2", "--yes", project.database.name()}).exit_status != 1);
  REQUIRE(project.dbtool({"environment", "save"}).exit_status == 0);
  const auto plan = project.dbtool({"plan", "--window", "1h", "--reserve", "1min"});
  CHECK(contains(plan.output, "rehearsed on "));
  const auto refused = project.dbtool({"upgrade", "--window", "4s", "--reserve", "1s"});
  CHECK(refused.exit_status == 4);
  CHECK(contains(refused.output, "NOT BEGUN: version 3"));
  CHECK(project.is_untouched());
  CHECK(contains(project.dbtool({"upgrade", "--window", "1h", "--reserve", "1min"}).output, "UPGRADED to 3"));
}

TEST_CASE("A ledger that cannot be written holds up nothing that was seen of a step", "[window]") {
  const SlowProject project("perform pg_sleep(2);");
  auto holder = project.database.connect();
  holder.exec("begin; lock table dbtool.samples in access exclusive mode");
  auto upgrade = std::async(std::launch::async, [&] { return project.dbtool({"upgrade"}); });
  // It gives up by itself; what waits for ever is let go, so that the test ends.
  const bool ended = upgrade.wait_for(std::chrono::minutes(1)) == std::future_status::ready;
  CHECK(ended);
  holder.exec("rollback");
  CHECK(contains(upgrade.get().output, "UPGRADED to 3"));
  CHECK(project.text("select count(*)::text from dbtool.samples") == "0");
}
