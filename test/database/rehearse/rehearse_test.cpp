#include <fmt/format.h>

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/file.h"
#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"
#include "window/disk.h"
#include "window/files.h"

namespace dbtool {

namespace {

using nlohmann::json;
using test::contains;

/// Versions 1 and 2 are the small project's; version 3 copies a table in phases, rewrites it, and goes back.
struct RehearsedProject : test::SmallProject {
  RehearsedProject() {
    files.write("versions/0003.yml", R"(version: 3
description: a copy of tasks
migrationScript: |-
  begin
    raise notice 'copying';
    create table copies as select task_id, md5(task_id) as digest from tasks;
    raise notice 'indexing';
    create index copies_digest_idx on copies (digest);
    alter table tasks alter column priority type bigint;
  end
downgradeScript: |-
  begin
    alter table tasks alter column priority type integer;
    drop table copies;
  end
loses: copies
methods: {}
)");
    files.write("schema/tables.yml",
                "tasks:\n  task_id: text not null\n  priority: bigint not null\n"
                "copies:\n  task_id: text\n  digest: text\n");
    REQUIRE(dbtool({"upgrade", "2"}).exit_status == 0);
    database.exec("insert into tasks select 'task ' || n, n from generate_series(1, 50000) n; analyze");
  }

  void mark() const {
    database.exec("comment on database " + database.name() + " is 'dbtool: copy of mine'");
  }
  std::filesystem::path only_file() const {
    const auto found = window::newest_rehearsal(files.path());
    REQUIRE(found);
    return *found;
  }
  int count(const std::string& query) const { return static_cast<int>(database.exec(query).integer(0, 0)); }
};

const TableCost* table_of(const StepCost& step, const std::string& name) {
  for (const TableCost& table : step.tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a rehearsal on a marked copy goes up, down and up, and writes down what it cost", "[rehearse]") {
  const RehearsedProject project;
  project.mark();
  const auto outcome = project.dbtool({"rehearse", "--on", project.database.owner_url()});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_status == 0);
  CHECK(contains(outcome.output, "REHEARSED 2 → 3\n"));
  CHECK(contains(outcome.output, "up again in "));
  CHECK(contains(outcome.output, "check after the downgrade to 2: nothing new\n"));
  const Rehearsal rehearsal = window::read_rehearsal(project.only_file());
  CHECK(rehearsal.source == "copy");
  CHECK(rehearsal.program.starts_with("dbtool "));
  CHECK(rehearsal.environment.version == 2);
  CHECK(rehearsal.environment.database == project.database.name());
  CHECK(rehearsal.steps.size() == 2);
  const StepCost* up = rehearsal.step(Direction::upgrade, 3);
  REQUIRE(up != nullptr);
  CHECK(up->kind == "script");
  CHECK(up->seconds > 0);
  // How much it is cannot be said here, where other tests write on the same server; see sampler_test.cpp.
  CHECK(up->wal_bytes >= 0);
  REQUIRE_FALSE(up->curve.empty());
  CHECK(up->curve.back().wal_bytes == up->wal_bytes);
  CHECK(up->curve.back().seconds == up->seconds);
  std::vector<std::string> notices;
  for (const PhaseCost& phase : up->phases) {
    if (phase.kind == "notice") notices.push_back(phase.name);
  }
  CHECK(notices == std::vector<std::string>{"copying", "indexing"});
  const TableCost* copies = table_of(*up, "copies");
  REQUIRE(copies != nullptr);
  CHECK(copies->rows_before == 0);
  CHECK(copies->rows_after == 50000);
  CHECK(copies->bytes_after > 1'000'000);
  CHECK(copies->index_bytes_after > 100'000);
  const TableCost* tasks = table_of(*up, "tasks");
  REQUIRE(tasks != nullptr);
  CHECK(tasks->rewritten);
  CHECK(tasks->analyze_seconds.value_or(0) > 0);
  CHECK(copies->analyze_seconds.value_or(0) > 0);
  CHECK(tasks->rows_before == 50000);
  CHECK(tasks->rows_after == 50000);
  CHECK(up->blocks_hit > 0);
  const StepCost* down = rehearsal.step(Direction::downgrade, 3);
  REQUIRE(down != nullptr);
  CHECK(table_of(*down, "copies")->rows_after == 0);
  CHECK(project.count("select version from dbtool.version") == 3);
  CHECK(project.count("select count(*) from copies") == 50000);
}

TEST_CASE("the room of a transaction is what its database has before it is committed", "[rehearse][disk]") {
  const RehearsedProject project;
  project.mark();
  const std::string work =
      "drop index tasks_by_priority; create index tasks_by_priority on tasks (priority, task_id); "
      "alter table tasks alter column priority type numeric; alter table tasks alter column priority type "
      "bigint;";
  const std::string index = "create index tasks_by_priority on tasks (priority, task_id)";
  project.files.write("versions/0003.yml", "version: 3\nmigrationScript: |-\n  begin\n    " + work +
                                               "\n  end\ndowngradeScript: begin null; end\nmethods: {}\n");
  project.files.write("schema/tables.yml", "tasks:\n  task_id: text not null\n  priority: bigint not null\n");
  project.database.exec(index);
  // The truth, from outside, of the same work in a transaction that is open.
  const auto size = [&] {
    return static_cast<double>(
        project.database.exec("select pg_database_size(current_database())").integer(0, 0));
  };
  project.database.exec("vacuum (analyze)");
  const double before = size();
  pg::Connection connection = project.database.connect();
  connection.exec("begin; " + work);
  const double truth = size() - before;
  connection.exec("rollback");

  const auto outcome = project.dbtool({"rehearse", "--on", project.database.owner_url(), "--no-benchmark"});
  INFO(outcome.output << outcome.errors);
  const Rehearsal rehearsal = window::read_rehearsal(project.only_file());
  const StepCost* up = rehearsal.step(Direction::upgrade, 3);
  REQUIRE(up != nullptr);
  REQUIRE(up->peak_bytes);
  INFO(truth << " " << *up->peak_bytes);
  const TableCost* tasks = table_of(*up, "tasks");
  REQUIRE(tasks != nullptr);
  // Three copies of the table and as many of its indexes are there beside the first.
  CHECK(truth > 1.8 * static_cast<double>(tasks->bytes_after + tasks->index_bytes_after));
  CHECK(static_cast<double>(*up->peak_bytes) > 0.9 * truth);
  CHECK(static_cast<double>(*up->peak_bytes) < 1.2 * truth);
  CHECK(window::room_for(*up, {}).data.high > truth);
  // How that was measured is no part of the step.
  for (const PhaseCost& phase : up->phases) CHECK_FALSE(contains(phase.name, "database_size"));
  // The way back does nothing.
  CHECK(rehearsal.step(Direction::downgrade, 3)->peak_bytes.value() < 1 << 20);
}

TEST_CASE("the parts of a rehearsal can be left out", "[rehearse]") {
  const RehearsedProject project;
  project.mark();
  const auto file = project.files.path() / "mine.json";
  CHECK(
      project.dbtool({"rehearse", "3", "--on", project.database.owner_url(), "--no-again", "--output", file})
          .exit_status == 0);
  CHECK(project.count("select version from dbtool.version") == 2);
  CHECK(window::read_rehearsal(file).steps.size() == 2);
  CHECK_FALSE(window::newest_rehearsal(project.files.path()));
  const auto outcome =
      project.dbtool({"rehearse", "--on", project.database.owner_url(), "--no-down", "--format", "json"});
  CHECK(outcome.exit_status == 0);
  const json result = json::parse(outcome.output);
  CHECK(result["from"] == 2);
  CHECK(result["goal"] == 3);
  CHECK(result["seconds_again"].is_null());
  CHECK(result["checks"].size() == 1);
  CHECK(result["rehearsal"] == json::parse(read_file(result["file"].get<std::string>()))["rehearsal"]);
  CHECK(project.count("select version from dbtool.version") == 3);
  const auto done = project.dbtool({"rehearse", "--on", project.database.owner_url()});
  CHECK(done.exit_status == 2);
  CHECK(contains(done.errors, "the copy is at version 3 already"));
}

TEST_CASE("a rehearsal refuses a database that is not marked as a copy, or that services use", "[rehearse]") {
  const RehearsedProject project;
  const std::vector<std::string> words{"rehearse", "--on", project.database.owner_url(), "--no-down"};
  const auto unmarked = project.dbtool(words);
  CHECK(unmarked.exit_status == 1);
  CHECK(contains(unmarked.errors, "is not marked as a copy"));
  CHECK(contains(unmarked.errors,
                 fmt::format("comment on database \"{}\" is 'dbtool: copy'", project.database.name())));
  project.mark();
  {
    const pg::Connection service = project.database.connect(project.database.user_prefix() + "_queue");
    const auto used = project.dbtool(words);
    CHECK(used.exit_status == 1);
    CHECK(contains(used.errors, project.database.user_prefix() + "_queue (1 session"));
  }
  CHECK(project.count("select version from dbtool.version") == 2);
  project.database.exec("comment on database " + project.database.name() + " is null");
  std::vector<std::string> forced = words;
  forced.emplace_back("--force");
  CHECK(project.dbtool(forced).exit_status == 0);
  CHECK(project.count("select version from dbtool.version") == 3);
  CHECK(project.dbtool({"rehearse"}).exit_status == 2);
  CHECK(project.dbtool({"rehearse", "--clone", "--on", "x"}).exit_status == 2);
}

TEST_CASE("what came along in a backup does not stop a rehearsal", "[rehearse]") {
  const RehearsedProject project;
  project.mark();
  // The name of production, a run that was under way when the backup was made.
  REQUIRE(project.dbtool({"upgrade", "2", "--name", "production"}).exit_status == 0);
  project.database.exec(R"(
insert into dbtool.runs (run, command, from_version, goal, os_user, host, pid, backend_pid)
select max(run) + 1, 'upgrade 3', 2, 3, 'ops', 'production', 4711, 4712 from dbtool.runs;
update dbtool.ledger set current_run = (select max(run) from dbtool.runs))");
  const auto outcome = project.dbtool(
      {"--name", "development", "rehearse", "--on", project.database.owner_url(), "--no-down"});
  INFO(outcome.errors);
  CHECK(outcome.exit_status == 0);
  CHECK(window::read_rehearsal(project.only_file()).environment.name == "production");
}

TEST_CASE("a way back that fails is told, and what was measured is kept", "[rehearse]") {
  const RehearsedProject project;
  project.mark();
  project.files.write("versions/0003.yml", R"(version: 3
migrationScript: |-
  begin
    create table copies as select task_id, md5(task_id) as digest from tasks;
    alter table tasks alter column priority type bigint;
  end
downgradeScript: |-
  begin
    drop table copies_of_tasks;
  end
methods: {}
)");
  const auto outcome = project.dbtool({"rehearse", "--on", project.database.owner_url()});
  CHECK(outcome.exit_status == 1);
  CHECK(contains(outcome.errors, "copies_of_tasks"));
  const Rehearsal rehearsal = window::read_rehearsal(project.only_file());
  CHECK(rehearsal.step(Direction::upgrade, 3) != nullptr);
  CHECK(rehearsal.step(Direction::downgrade, 3) == nullptr);
}

namespace {

int clones_of(const test::Database& database) {
  return static_cast<int>(
      database
          .exec("select count(*) from pg_database where shobj_description(oid, 'pg_database') "
                "like 'dbtool: copy of " +
                database.name() + ", by dbtool rehearse%'")
          .integer(0, 0));
}

}  // namespace

TEST_CASE("a clone is rehearsed on and dropped, and its source stays as it was", "[rehearse]") {
  const RehearsedProject project;
  const auto refused = project.dbtool({"rehearse", "--clone"});
  CHECK(refused.exit_status == 1);
  CHECK(contains(refused.errors, "createdb"));
  project.database.exec(fmt::format("alter role {} createdb", project.database.owner()));
  project.database.exec(fmt::format("alter database {} set work_mem = '3MB'", project.database.name()));
  const auto outcome = project.dbtool({"rehearse", "--clone"});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_status == 0);
  const Rehearsal rehearsal = window::read_rehearsal(project.only_file());
  CHECK(rehearsal.source == "clone");
  CHECK(rehearsal.environment.settings.at("work_mem") == "3MB");
  CHECK(table_of(*rehearsal.step(Direction::upgrade, 3), "copies")->rows_after == 50000);
  CHECK(clones_of(project.database) == 0);
  CHECK(project.count("select version from dbtool.version") == 2);
}

TEST_CASE("a database that somebody is connected to is not cloned", "[rehearse]") {
  const RehearsedProject project;
  project.database.exec(fmt::format("alter role {} createdb", project.database.owner()));
  {
    const pg::Connection service = project.database.connect(project.database.user_prefix() + "_queue");
    const auto services = project.dbtool({"rehearse", "--clone"});
    CHECK(services.exit_status == 1);
    CHECK(contains(services.errors, "services are connected"));
    const auto forced = project.dbtool({"rehearse", "--clone", "--force"});
    CHECK(forced.exit_status == 1);
    CHECK(contains(forced.errors, fmt::format("pid {} (", service.backend_pid())));
  }
  CHECK(clones_of(project.database) == 0);
}

TEST_CASE("a clone is dropped after a failure, and what a killed rehearsal left by the next one",
          "[rehearse]") {
  const RehearsedProject project;
  project.database.exec(fmt::format("alter role {} createdb", project.database.owner()));
  pg::Address server;
  server.url = project.database.url();
  server.database = "postgres";
  const std::string left =
      "dbtool_rehearsal_" + project.database.name().substr(project.database.name().size() - 6);
  {
    pg::Connection connection = pg::Connection::open(server);
    connection.exec(fmt::format("create database {} owner {}", left, project.database.owner()));
    connection.exec(
        fmt::format("comment on database {} is 'dbtool: copy of {}, by dbtool rehearse (pid 1 on x)'", left,
                    project.database.name()));
  }
  CHECK(clones_of(project.database) == 1);
  project.files.write("versions/0003.yml",
                      "version: 3\nmigrationScript: |-\n  begin\n  perform 1 / 0;\n  end\n"
                      "downgradeScript: |-\n  begin\n  end\nmethods: {}\n");
  const auto outcome = project.dbtool({"rehearse", "--clone"});
  CHECK(outcome.exit_status == 1);
  CHECK(contains(outcome.errors, "division by zero"));
  CHECK(contains(outcome.errors, fmt::format("left database {} behind", left)));
  CHECK(clones_of(project.database) == 0);
}

TEST_CASE("a clone is dropped when a rehearsal is interrupted", "[rehearse]") {
  const RehearsedProject project;
  project.database.exec(fmt::format("alter role {} createdb", project.database.owner()));
  project.files.write("versions/0003.yml",
                      "version: 3\nmigrationScript: |-\n  begin\n  perform pg_sleep(300);\n  end\n"
                      "downgradeScript: |-\n  begin\n  end\nmethods: {}\n");
  const pid_t pid = start_process({DBTOOL_BINARY, "-C", project.files.path().string(), "--url",
                                   project.database.owner_url(), "--user-prefix",
                                   project.database.user_prefix(), "rehearse", "--clone"});
  pg::Address server;
  server.url = project.database.url();
  server.database = "postgres";
  pg::Connection connection = pg::Connection::open(server);
  const auto sleeps = [&] {
    return connection
        .query("select exists (select from pg_stat_activity where wait_event = 'PgSleep' and usename = $1)",
               {project.database.owner()})
        .boolean(0, 0);
  };
  for (int look = 0; look < 600 && !sleeps(); ++look)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  REQUIRE(sleeps());
  CHECK(clones_of(project.database) == 1);
  kill(pid, SIGINT);
  int status = 0;
  waitpid(pid, &status, 0);
  CHECK(WEXITSTATUS(status) == 130);
  CHECK(clones_of(project.database) == 0);
}

TEST_CASE("a cancelled try tells how long a rollback takes", "[rehearse]") {
  const RehearsedProject project;
  project.mark();
  project.files.write("versions/0003.yml", R"(version: 3
migrationScript: |-
  begin
    create table copies as select task_id, md5(task_id) as digest from tasks;
    alter table tasks alter column priority type bigint;
    perform pg_sleep(1.2);
  end
downgradeScript: |-
  begin
    alter table tasks alter column priority type integer;
    drop table copies;
  end
loses: copies
methods: {}
)");
  const auto outcome = project.dbtool({"rehearse", "--on", project.database.owner_url(), "--rollback"});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_status == 0);
  const Rehearsal rehearsal = window::read_rehearsal(project.only_file());
  const StepCost* step = rehearsal.step(Direction::upgrade, 3);
  REQUIRE(step != nullptr);
  CHECK(step->waits.contains("Timeout:PgSleep"));
  CHECK(step->rollback_seconds);
  CHECK(step->locks.size() >= 1);
  CHECK(project.count("select version from dbtool.version") == 3);
}

}  // namespace dbtool
