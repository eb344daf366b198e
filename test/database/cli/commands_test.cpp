#include <nlohmann/json.hpp>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool::test;
using nlohmann::json;

TEST_CASE("status tells of pending versions, --exit-code of things to do", "[cli]") {
  const SmallProject project;
  CHECK(project.dbtool({"status", "--exit-code"}).exit_status == 3);
  const auto before = json::parse(project.dbtool({"status", "--format", "json"}).output);
  CHECK(before["version"] == 0);
  CHECK(before["newest"] == 2);
  REQUIRE(before["pending"].size() == 2);
  CHECK(before["pending"][0]["kind"] == "quick");
  CHECK(before["pending"][1]["kind"] == "methods only");
  CHECK(before["online"].is_null());
  CHECK(before["running"].is_null());
  CHECK(project.database.exec("select to_regnamespace('dbtool') is null").boolean(0, 0));

  CHECK(project.dbtool({"upgrade"}).exit_status == 0);
  const auto outcome = project.dbtool({"status", "--exit-code"});
  CHECK(outcome.exit_status == 0);
  CHECK(contains(outcome.output, "version 2, the newest\nmay run: v1.0.0, v2.0.0\ncheck: clean\n"));
  CHECK(contains(outcome.errors, "database " + project.database.name() + " on "));
}

TEST_CASE("status names applied files that changed", "[cli]") {
  const SmallProject project;
  CHECK(project.dbtool({"upgrade", "1"}).exit_status == 0);
  project.files.write("versions/0001.yml", "version: 1\nmethods: {}\n");
  const auto status = json::parse(project.dbtool({"status", "--format=json"}).output);
  CHECK(status["drift"]["changed_versions"] == json::array({1}));
}

TEST_CASE("check ends with 3 on findings, in text and JSON", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  CHECK(project.dbtool({"check"}).exit_status == 0);
  project.database.exec("alter table tasks alter column priority drop not null");
  const auto text = project.dbtool({"check"});
  CHECK(text.exit_status == 3);
  CHECK(contains(text.output, "1 finding"));
  CHECK(contains(text.output, "schema/tables.yml:3"));
  const auto found = json::parse(project.dbtool({"check", "--format", "json"}).output);
  CHECK(found["clean"] == false);
  REQUIRE(found["findings"].size() == 1);
  for (const char* key : {"severity", "rule", "version", "object", "fact", "expected", "found", "file",
                          "line", "column", "message", "advice", "rewrite"})
    CHECK(found["findings"][0].contains(key));
  CHECK(project.dbtool({"check", "--ignore", "column:tasks.*"}).exit_status == 0);
}

TEST_CASE("check tells of a version that is only partly there", "[cli]") {
  const SmallProject project;
  project.files.write("versions/0003.yml",
                      "version: 3\ntransactional: false\nmethods: {}\n"
                      "migrationScript: |\n  create index concurrently by_priority on tasks (priority);\n"
                      "  select 1 / 0;\n"
                      "downgradeScript: |\n  drop index concurrently by_priority;\n");
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 1);
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"check"}, {"check", "--full"}}) {
    const auto outcome = project.dbtool(command);
    CAPTURE(command, outcome.output);
    CHECK(outcome.exit_status == 3);
    CHECK(contains(outcome.output, "partly there: 1 of its statements is done"));
    CHECK(contains(outcome.output, "finish it: dbtool upgrade 3; or turn round: dbtool downgrade 2"));
  }
  REQUIRE(project.dbtool({"downgrade", "2"}).exit_status == 0);
  CHECK_FALSE(contains(project.dbtool({"check"}).output, "partly"));
}

TEST_CASE("A run tells what it takes over into the ledger", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade", "1"}).exit_status == 0);
  project.database.exec("drop schema dbtool cascade");
  const auto adopting = [&] {
    return project.dbtool({"upgrade", "1", "--version-table", "tcversion"}).errors;
  };
  project.database.exec("create table tcversion as select 1 as version; alter table tcversion owner to \"" +
                        project.database.owner() + "\"");
  CHECK(contains(adopting(), "note: the database is at 1 and has no ledger yet: it is adopted"));
  CHECK_FALSE(contains(adopting(), "adopted"));
  project.database.exec("update tcversion set version = 2");
  CHECK(contains(project.dbtool({"upgrade", "--version-table", "tcversion"}).errors,
                 "note: another tool has moved the database from 1 to 2: the ledger follows"));
}

TEST_CASE("call passes named arguments, and a read method cannot write", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  CHECK(project.dbtool({"call", "put_task", "priority_in=-3", "task_id_in=a=b"}).exit_status == 0);
  const auto rows = project.dbtool({"call", "get_task", "task_id_in=a=b", "--format", "json"});
  CHECK(json::parse(rows.output) == json::parse(R"([{"task_id": "a=b", "priority": -3}])"));
  CHECK(project.dbtool({"call", "get_task", "task_id_in=a=b"}).output ==
        "task_id  priority\na=b            -3\n1 row\n");
  const auto wrong = project.dbtool({"call", "put_task", "priority=1", "task_id_in=x"});
  CHECK(wrong.exit_status == 2);
  CHECK(contains(wrong.errors, "no argument priority; did you mean priority_in?"));
  CHECK(contains(wrong.errors, "argument priority_in (integer) is missing"));
  CHECK(project.dbtool({"call", "put_task", "priority_in=1", "task_id_in=a=b"}).exit_status == 1);
  // Made a writer by hand: the read-only transaction holds.
  project.database.exec(
      "create or replace function get_task(task_id_in text) returns table (task_id text, priority integer) "
      "as "
      "$$ begin delete from tasks; end $$ language plpgsql");
  const auto writer = project.dbtool({"call", "get_task", "task_id_in=a=b"});
  CHECK(writer.exit_status == 1);
  CHECK(contains(writer.errors, "25006"));
  CHECK(project.database.exec("select count(*) from tasks").integer(0, 0) == 1);
}

TEST_CASE("history lists runs, newest first, and failures too", "[cli]") {
  const SmallProject project;
  CHECK(project.dbtool({"history"}).output == "no runs are recorded\n");
  REQUIRE(project.dbtool({"upgrade", "1"}).exit_status == 0);
  project.files.write("versions/0002.yml",
                      "version: 2\nmethods: {}\nmigrationScript: begin perform 1/0; end\n"
                      "downgradeScript: begin end\n");
  const auto failed = project.dbtool({"upgrade"});
  CHECK(failed.exit_status == 1);
  CHECK(contains(failed.errors, "versions/0002.yml:3:18"));
  CHECK(contains(failed.errors, "DATABASE IS AT 1"));
  const auto runs = json::parse(project.dbtool({"history", "--format", "json"}).output);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0]["command"] == "upgrade 2");
  CHECK(runs[0]["outcome"] == "failed");
  CHECK(runs[1]["outcome"] == "done");
  CHECK(runs[1]["steps"].size() == 1);
  CHECK(json::parse(project.dbtool({"history", "--limit", "1", "--format", "json"}).output).size() == 1);
}

TEST_CASE("a database that bears another name is refused", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"--name", "here", "upgrade"}).exit_status == 0);
  for (const char* command : {"status", "upgrade", "check", "history"}) {
    INFO(command);
    const auto refused = project.dbtool({"--name", "elsewhere", command});
    CHECK(refused.exit_status == 1);
    CHECK(contains(refused.errors, "here"));
  }
  CHECK(contains(project.dbtool({"status"}).output, "here  version 2"));
}

TEST_CASE("a downgrade that loses data needs --yes with the right name", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"--name", "here", "upgrade"}).exit_status == 0);
  const auto unasked = project.dbtool({"downgrade", "0"});
  CHECK(unasked.exit_status == 2);
  CHECK(contains(unasked.errors, "version 1: all tasks"));
  CHECK(contains(unasked.errors, "--yes here"));
  const auto other = project.dbtool({"downgrade", "0", "--yes", "there"});
  CHECK(other.exit_status == 2);
  CHECK(contains(other.errors, "this is here; nothing was changed"));
  CHECK(contains(other.errors, "what to do: if this is the database that you mean: --yes here"));
  CHECK(project.dbtool({"downgrade", "0", "--yes", "here"}).exit_status == 0);
  CHECK(contains(project.dbtool({"status"}).output, "version 0, newest is 2"));
}

TEST_CASE("status --all-targets is a table, and a target that cannot be reached does not hide the others",
          "[cli]") {
  const SmallProject project;
  project.files.write("dbtool.yml", "targets:\n  one: {url: \"" + project.database.owner_url() +
                                        "\", name: first}\n  two: {url: \"postgresql://127.0.0.1:1/x\"}\n");
  const std::vector<std::string> start{"-C", project.files.path().string(), "--user-prefix",
                                       project.database.user_prefix()};
  auto words = start;
  words.insert(words.end(), {"--target", "one", "upgrade"});
  CHECK(run_dbtool(words).exit_status == 0);
  words = start;
  words.insert(words.end(), {"status", "--all-targets", "--format", "json"});
  const auto outcome = run_dbtool(words);
  CHECK(outcome.exit_status == 6);
  const auto all = json::parse(outcome.output);
  REQUIRE(all.size() == 2);
  CHECK(all[0]["target"] == "one");
  CHECK(all[0]["version"] == 2);
  CHECK(all[1].contains("error"));
  words.resize(words.size() - 2);
  CHECK(contains(run_dbtool(words).output, "up to date"));
}

TEST_CASE("new writes the next version, which loads", "[cli]") {
  const SmallProject project;
  const auto made = project.dbtool({"new", "--kind", "methods", "--service", "queue", "fix", "get_task"});
  CHECK(made.exit_status == 0);
  CHECK(made.output == "new      versions/0003.yml\n");
  CHECK(json::parse(project.dbtool({"status", "--format", "json"}).output)["newest"] == 3);
}

TEST_CASE("the result cannot be written: an error, and its reader is gone: quiet", "[cli]") {
  const std::string binary = DBTOOL_BINARY;
  CHECK(dbtool::run_process({"sh", "-c", binary + " completion bash > /dev/full"}).exit_status == 1);
  const auto closed = dbtool::run_process(
      {"bash", "-c", "set -o pipefail; " + binary + " completion bash | head -c 1 >/dev/null"});
  CHECK(closed.exit_status == 0);
  CHECK(closed.errors.empty());
}

TEST_CASE("What is said does not go to the server where stdout or stderr is closed", "[cli]") {
  const SmallProject project;
  const std::string command = std::string(DBTOOL_BINARY) + " -C '" + project.files.path().string() +
                              "' --url '" + project.database.owner_url() + "' --user-prefix " +
                              project.database.user_prefix() + " ";
  const auto run = [&](const std::string& words) {
    return dbtool::run_process({"sh", "-c", command + words}).exit_status;
  };
  const auto version = [&] {
    return project.database.exec("select version from dbtool.version").integer(0, 0);
  };
  CHECK(run("upgrade 2>&-") == 0);
  CHECK(version() == 2);
  CHECK(run("downgrade 1 <&- 2>&-") == 0);
  CHECK(version() == 1);
  CHECK(run("upgrade >&-") == 1);  // its result could not be written
  CHECK(version() == 2);
  CHECK(run("status <&- >&- 2>&-") == 1);
}

TEST_CASE("A plan without a database is for the server that the settings ask for", "[cli]") {
  const SmallProject project;
  const auto plan = [&](const char* range) {
    return project.dbtool({"plan", "2", "--from", "0", "--server", range});
  };
  const auto newest = plan(">=17");
  CHECK(newest.exit_status == 0);
  CHECK(contains(newest.errors, "PostgreSQL 17"));
  CHECK(contains(newest.output, "'transaction_timeout', '0'"));
  const auto usual = plan(">=14");
  CHECK(contains(usual.errors, "PostgreSQL 15"));
  CHECK_FALSE(contains(usual.output, "'transaction_timeout'"));
}

TEST_CASE("A plan prints what runs beside its steps, too, from the ledger to the statistics", "[cli]") {
  SmallProject project;
  project.files.write(
      "versions/0002.yml",
      "version: 2\nmigrationScript: |-\n  begin\n    insert into tasks select 'x', 1;\n  end\n"
      "downgradeScript: |-\n  begin\n    delete from tasks;\n  end\nmethods: {}\n");
  const std::string service = "\"" + project.database.user_prefix() + "_queue\"";
  const std::vector<std::string> all{"create schema dbtool;\n",
                                     "create table dbtool.ledger (",
                                     "update dbtool.ledger set format = 7;\n",
                                     "create extension if not exists \"pgcrypto\" schema public;\n",
                                     "create table tasks",
                                     "grant usage on schema \"dbtool\" to " + service + ";\n",
                                     "grant select on \"dbtool\".\"version\" to " + service + ";\n",
                                     "analyze \"public\".\"tasks\";\n"};
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--from", "0"}}) {
    std::vector<std::string> words{"plan", "2", "--extension", "pgcrypto"};
    words.insert(words.end(), more.begin(), more.end());
    const auto plan = project.dbtool(words);
    REQUIRE(plan.exit_status == 0);
    std::size_t at = 0;
    for (const std::string& part : all) {
      CAPTURE(part);
      at = plan.output.find(part, at);
      REQUIRE(at != std::string::npos);
    }
  }
  const auto as_json = json::parse(project.dbtool({"plan", "--format", "json"}).output);
  CHECK(contains(as_json["sql_before"], "create schema dbtool"));
  CHECK(contains(as_json["sql_after"], "analyze"));
  REQUIRE(project.dbtool({"upgrade", "1", "--extension", "pgcrypto"}).exit_status == 0);
  const auto rest = project.dbtool({"plan", "2", "--extension", "pgcrypto"});
  CHECK_FALSE(contains(rest.output, "create table dbtool."));
  CHECK_FALSE(contains(rest.output, "create extension"));
  CHECK_FALSE(contains(rest.output, "grant select on \"dbtool\""));
  CHECK(contains(rest.output, "analyze \"public\".\"tasks\";\n"));
}
