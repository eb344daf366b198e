#include <nlohmann/json.hpp>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"
#include "window/files.h"

using namespace dbtool;
using test::contains;

namespace {

/// The small project, whose third version rewrites its table; what that cost on a copy twice as large is
/// known.
struct RewritingProject : test::SmallProject {
  RewritingProject() {
    files.write(
        "versions/0003.yml",
        "version: 3\nmigrationScript: |-\n  begin\n    alter table tasks alter column priority type "
        "bigint;\n  end\ndowngradeScript: |-\n  begin\n    alter table tasks alter column priority type "
        "integer;\n  end\nmethods: {}\n");
    files.write("schema/tables.yml", "tasks:\n  task_id: text not null\n  priority: bigint not null\n");
    REQUIRE(dbtool({"upgrade", "2"}).exit_status != 1);
    database.exec("insert into tasks select n::text, n from generate_series(1, 1000) n; analyze tasks");
  }

  void write_rehearsal(Direction direction = Direction::upgrade) const {
    StepCost cost;
    cost.direction = direction;
    cost.version = 3;
    cost.kind = "script";
    cost.seconds = 0.5;
    cost.wal_bytes = 1;
    cost.curve = {{0.5, 1}};
    TableCost table;
    table.name = "tasks";
    table.rows_before = table.rows_after = 2000;
    table.bytes_before = table.bytes_after = std::int64_t{600} << 20;
    table.index_bytes_before = table.index_bytes_after = std::int64_t{200} << 20;
    table.rewritten = true;
    cost.tables = {table};
    Rehearsal rehearsal;
    rehearsal.made_at = rehearsal.environment.taken_at = "2026-11-20T10:00:00Z";
    rehearsal.source = "copy";
    rehearsal.steps = {cost};
    files.write("rehearsals/3-20261120T100000Z.json", window::to_json(rehearsal));
  }

  void say_free(const std::string& query) const {
    files.write("dbtool.yml", "throttle:\n  disk: {query: \"" + query + "\", least: 1MB}\n");
  }

  int version() const {
    return static_cast<int>(database.exec("select version from dbtool.version").integer(0, 0));
  }
};

}  // namespace

TEST_CASE("An upgrade that needs more disk than is free is refused, but with --force", "[disk]") {
  const RewritingProject project;
  project.write_rehearsal();
  project.say_free("select 200::bigint << 20");
  const auto plan = project.dbtool({"plan"});
  CHECK(plan.exit_status == 0);
  CHECK(contains(plan.output, "rehearsed with 2,000 rows, scaled to 1,000"));
  CHECK(contains(plan.output, "200 MB free: TOO LITTLE"));

  const auto refused = project.dbtool({"upgrade"});
  CHECK(refused.exit_status == 1);
  CHECK(contains(refused.errors, "TOO LITTLE"));
  CHECK(contains(refused.errors, "--force"));
  CHECK(project.version() == 2);
  CHECK(project.database.exec("select count(*) from dbtool.runs").integer(0, 0) == 1);

  const auto forced = project.dbtool({"upgrade", "--force"});
  INFO(forced.errors);
  CHECK(contains(forced.errors, "TOO LITTLE"));
  CHECK(project.version() == 3);
}

TEST_CASE("An upgrade that may need more disk than is free warns", "[disk]") {
  const RewritingProject project;
  project.write_rehearsal();
  project.say_free("select 400::bigint << 20");  // half of what was rehearsed, give or take
  const auto outcome = project.dbtool({"upgrade"});
  INFO(outcome.errors);
  CHECK(contains(outcome.errors, "IT MAY NOT SUFFICE"));
  CHECK(project.version() == 3);
}

TEST_CASE("An upgrade that has enough disk says nothing of it", "[disk]") {
  const RewritingProject project;
  project.write_rehearsal();
  project.say_free("select 4000::bigint << 20");
  const auto plan = nlohmann::json::parse(project.dbtool({"plan", "--format", "json"}).output);
  CHECK(plan["disk"]["suffices"] == "enough");
  CHECK(plan["disk"]["trust"] == "measured");
  CHECK(plan["disk"]["low_bytes"] > 0);
  CHECK(plan["steps"][0]["disk"]["high_bytes"] > plan["steps"][0]["disk"]["low_bytes"]);
  const auto outcome = project.dbtool({"upgrade"});
  CHECK_FALSE(contains(outcome.errors, "disk"));
  CHECK(project.version() == 3);
}

TEST_CASE("Without a rehearsal nothing is refused, and the least room is told", "[disk]") {
  const RewritingProject project;
  // Many rows, so that the version is not taken for a quick one.
  project.database.exec(
      "insert into tasks select 'more ' || n, n from generate_series(1, 110000) n; analyze tasks");
  project.say_free("select 1024");
  const auto plan = project.dbtool({"plan"});
  CHECK(contains(plan.output, "or more, by the sizes of its tables; unknown: never rehearsed"));
  CHECK(contains(plan.output, "IT MAY NOT SUFFICE"));
  const auto outcome = project.dbtool({"upgrade"});
  CHECK(contains(outcome.errors, "IT MAY NOT SUFFICE"));
  CHECK(project.version() == 3);
}

TEST_CASE("A query of free disk that fails keeps an upgrade from being begun", "[disk]") {
  const RewritingProject project;
  project.say_free("select none from nowhere");
  const auto plan = project.dbtool({"plan"});
  CHECK(plan.exit_status == 0);
  CHECK(contains(plan.errors, "`disk` of `throttle`"));
  const auto outcome = project.dbtool({"upgrade"});
  CHECK(outcome.exit_status == 2);
  CHECK(contains(outcome.errors, "nowhere"));
  CHECK(project.version() == 2);
  project.say_free("delete from tasks returning 1");
  CHECK(project.dbtool({"upgrade"}).exit_status == 2);
  CHECK(project.database.exec("select count(*) from tasks").integer(0, 0) == 1000);
  project.say_free("select null");
  CHECK(project.dbtool({"upgrade"}).exit_status == 2);
}

TEST_CASE("Nothing that is known of the disk keeps from the way back", "[disk]") {
  const RewritingProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status != 1);
  project.say_free("select none from nowhere");
  const auto back = project.dbtool({"downgrade", "2", "--yes", project.database.name()});
  INFO(back.errors);
  CHECK(project.version() == 2);
  CHECK(contains(back.errors, "how much disk is free is not known"));
  CHECK(contains(back.errors, "nowhere"));

  // A text is no number, and --force goes over that, too.
  project.say_free("select 'much'");
  CHECK(project.dbtool({"plan"}).exit_status == 0);
  CHECK(project.dbtool({"upgrade"}).exit_status == 2);
  CHECK(project.version() == 2);
  CHECK(contains(project.dbtool({"upgrade", "--force"}).errors, "how much disk is free is not known"));
  CHECK(project.version() == 3);

  project.write_rehearsal(Direction::downgrade);
  project.say_free("select 1");
  const auto without_room = project.dbtool({"downgrade", "2", "--yes", project.database.name()});
  CHECK(contains(without_room.errors, "TOO LITTLE"));
  CHECK(project.version() == 2);
}
