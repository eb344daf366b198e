#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool::test;
using nlohmann::json;

namespace {

/// The small project, and a third version whose online part copies tasks; table `pace` says how many seconds
/// each row takes.
struct CopyingProject : SmallProject {
  CopyingProject() {
    files.write("versions/0003.yml", R"(version: 3
description: copies of tasks
migrationScript: |-
  begin
    create table if not exists copies (task_id text primary key, priority integer not null);
  end
downgradeScript: |-
  begin
    drop table copies;
  end
online:
  migration:
    table: tasks
    key: [task_id]
    batch: |-
      insert into copies select task_id, priority from tasks e
       where $range:e$ and (select pg_sleep(seconds)::text from pace where e.task_id <> '') is not null
         for update of e on conflict (task_id) do nothing
    complete: select not exists (select from tasks t where not exists (select from copies c where c.task_id = t.task_id))
methods: {}
)");
    files.write("schema/tables.yml",
                "tasks:\n  task_id: text not null\n  priority: integer not null\n"
                "copies:\n  task_id: text not null\n  priority: integer not null\n"
                "pace:\n  seconds: double precision\n");
    REQUIRE(dbtool({"upgrade", "2"}).exit_status != 1);
    database.exec(
        "create table pace (seconds double precision); insert into pace values (0); "
        "alter table pace owner to " +
        database.owner() +
        "; insert into tasks select n::text, n from generate_series(1, 3000) n; analyze tasks");
  }

  std::string text(const std::string& query) const { return std::string(database.exec(query).text(0, 0)); }
  std::string missing_copies() const {
    return text(
        "select count(*) from tasks t full join copies c using (task_id) "
        "where t.priority is distinct from c.priority");
  }
};

}  // namespace

TEST_CASE("An online part is forecast apart from what needs the window, and that is recorded",
          "[online][window]") {
  const CopyingProject project;
  const auto rehearsed =
      project.dbtool({"rehearse", "--no-again", "--on", project.database.owner_url(), "--force"});
  INFO(rehearsed.errors);
  REQUIRE((rehearsed.exit_status == 0 || rehearsed.exit_status == 3));

  const auto plan = project.dbtool({"plan", "--window", "1h", "--reserve", "1min"});
  CHECK(contains(plan.output, "online, without a window"));
  const json steps = json::parse(project.dbtool({"plan", "--format", "json"}).output);
  CHECK(steps["total"]["unknown"].empty());
  CHECK(steps["online_total"]["unknown"].empty());
  CHECK(contains(steps["steps"][1]["forecast"]["source"], "rehearsed on"));
  CHECK(contains(steps["steps"][1]["forecast"]["source"], "of 3,000 rows"));
  // It is the very server that it was rehearsed on.
  CHECK(contains(steps["steps"][1]["forecast"]["source"], ", converted by 0.9–1."));
  CHECK_FALSE(steps.contains("online_way_back"));

  const auto status = project.dbtool({"status"});
  CHECK(contains(status.output, "online, without a window: "));
  const json told = json::parse(project.dbtool({"status", "--format", "json"}).output);
  CHECK(contains(told["pending"][0]["online_forecast"]["source"], "rehearsed on"));

  REQUIRE(project.dbtool({"upgrade"}).exit_status != 1);
  CHECK(project.missing_copies() == "0");
  const json runs = json::parse(project.dbtool({"history", "--format", "json"}).output);
  REQUIRE(runs[0]["steps"].size() == 2);
  CHECK(runs[0]["steps"][1]["outcome"] == "online part done");
  CHECK(contains(runs[0]["steps"][1]["predicted"]["source"], "where no throttle slows it"));
}

TEST_CASE("An online part pauses at the end of the window, and the next run goes on with it",
          "[online][window]") {
  const CopyingProject project;
  project.database.exec("update pace set seconds = 0.02");
  const auto paused = project.dbtool({"upgrade", "--window", "12s", "--reserve", "1s"});
  INFO(paused.errors);
  CHECK(paused.exit_status == 4);
  CHECK(contains(paused.errors, "version 3 pauses: the window is at its end"));
  CHECK(contains(paused.errors, "DATABASE IS AT 3"));
  CHECK(project.text("select version from dbtool.version") == "3");
  CHECK(project.text("select outcome from dbtool.runs order by run desc limit 1") == "stopped");
  const std::string copied = project.text("select count(*) from copies");
  CHECK(std::stoi(copied) < 3000);
  CHECK_FALSE(json::parse(project.dbtool({"status", "--format", "json"}).output)["online"].is_null());
  const json rest = json::parse(project.dbtool({"plan", "--format", "json"}).output);
  REQUIRE(rest["steps"].size() == 1);
  CHECK(contains(rest["steps"][0]["forecast"]["source"], "under way"));

  // Services go on meanwhile, in front of the walk and behind it.
  project.database.exec("update pace set seconds = 0; insert into tasks values ('0', 0), ('9999', 1)");
  const auto resumed = project.dbtool({"upgrade"});
  INFO(resumed.errors);
  CHECK(contains(resumed.output, "UPGRADED to 3"));
  CHECK(project.missing_copies() == "0");
  CHECK(project.text("select count(*) from copies") == "3002");
  // What only goes on has no forecast that could be held against its time.
  CHECK(project.text("select count(*) from dbtool.forecasts where kind = 'online'") == "1");
}

TEST_CASE("An online part by functions that moves more rows than its table has is told so by its rehearsal",
          "[online][window]") {
  const SmallProject project;
  write_scripts(project.files, 3, R"(begin
  create table copies (task_id text, part integer, primary key (task_id, part));
  create function online_migration_v3_batch(batch_size_in integer, state_in jsonb)
  returns table (count integer, state jsonb) language plpgsql as $f$
  declare
    walked text := coalesce(state_in ->> 'walked', '');
    until text;
  begin
    select max(task_id) into until
      from (select task_id from tasks where task_id > walked order by task_id limit 25) n;
    insert into copies select t.task_id, p from tasks t, generate_series(1, 4) p
     where t.task_id > walked and t.task_id <= until on conflict do nothing;
    get diagnostics count = row_count;
    state := jsonb_build_object('walked', until);
    return next;
  end $f$;
  create function online_migration_v3_is_complete() returns boolean language sql as $f$
    select (select count(*) from copies) = 4 * (select count(*) from tasks) $f$;
end)",
                "begin\n  drop table copies;\nend", "loses: copies\nmethods: {}");
  REQUIRE(project.dbtool({"upgrade", "2"}).exit_status != 1);
  project.database.exec("insert into tasks select n::text, n from generate_series(1, 250) n; analyze tasks");
  const auto rehearsed =
      project.dbtool({"rehearse", "--no-again", "--no-benchmark", "--on", project.database.owner_url(),
                      "--force", "--output", project.files.path() / "r.json"});
  INFO(rehearsed.output << rehearsed.errors);
  REQUIRE((rehearsed.exit_status == 0 || rehearsed.exit_status == 3));
  project.database.exec(
      "insert into tasks select n::text, n from generate_series(251, 500) n; analyze tasks");
  const auto totals = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"upgrade", "--format", "json"};
    words.insert(words.end(), more.begin(), more.end());
    const auto outcome = project.dbtool(words);
    INFO(outcome.errors);
    std::set<std::int64_t> found;
    std::istringstream lines(outcome.errors);
    for (std::string line; std::getline(lines, line);) {
      const json event = json::parse(line, nullptr, false);
      if (event.is_object() && event.value("event", "") == "batch_done" && event["rows_total"].is_number())
        found.insert(event["rows_total"].get<std::int64_t>());
    }
    return found;
  };
  SECTION("rehearsed") {
    CHECK(totals({"--rehearsal", (project.files.path() / "r.json").string()}) ==
          std::set<std::int64_t>{2000});
  }
  SECTION("never rehearsed") {
    CHECK(totals({}) == std::set<std::int64_t>{500});
  }
  CHECK(project.database.exec("select count(*) from copies").integer(0, 0) == 2000);
}
