#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool::test;

TEST_CASE("check of a version that no file has is an error", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  project.database.exec("update dbtool.version set version = 7000");
  const auto outcome = project.dbtool({"check"});
  CHECK(outcome.exit_status == 1);
  CHECK(contains(outcome.errors, "the database is at 7000, the newest version file is 2"));
}

TEST_CASE("Another version table than that of the ledger is told as such, and not as another tool's work",
          "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  for (const char* command : {"status", "check", "upgrade", "plan"}) {
    CAPTURE(command);
    const auto outcome = project.dbtool({command, "--version-table", "tcversion"});
    CHECK(outcome.exit_status == 1);
    CHECK(contains(outcome.errors,
                   "no version table tcversion in this database, but dbtool left it at version 2"));
  }
}

TEST_CASE("Values of flags are looked at as those of dbtool.yml are", "[cli]") {
  const SmallProject project;
  for (const auto& [flag, value, told] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"--server", "foo", "'foo' asks for no version"},
           {"--lock-timeout", "0", "'0' is no time to wait"},
           {"--release-support", "0", "'0' is not a whole number"},
           {"--version-table", "Foo", "'Foo' is not table or schema.table in lower case"}}) {
    CAPTURE(flag);
    const auto outcome = project.dbtool({"upgrade", flag, value});
    CHECK(outcome.exit_status == 2);
    CHECK(contains(outcome.errors, told));
  }
  CHECK(project.database.exec("select to_regclass('dbtool.version') is null").boolean(0, 0));
}

TEST_CASE("To take over a protected database is asked for, too", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  project.database.exec("drop table dbtool.ledger, dbtool.versions, dbtool.runs, dbtool.steps cascade");
  const auto outcome = project.dbtool({"upgrade", "--protected", "true"});
  CHECK(outcome.exit_status == 2);
  CHECK(contains(outcome.errors, "protected"));
  CHECK(project.database.exec("select to_regclass('dbtool.ledger') is null").boolean(0, 0));
}

TEST_CASE("A target that leads to another environment's database is told as such", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade", "--name", "prod"}).exit_status == 0);
  project.files.write("dbtool.yml", "userPrefix: " + project.database.user_prefix() +
                                        "\ntargets:\n  a: {url: '" + project.database.owner_url() +
                                        "', name: staging}\n");
  const auto outcome = run_dbtool({"-C", project.files.path().string(), "status", "--all-targets"});
  CHECK(outcome.exit_status == 6);
  CHECK(contains(outcome.output, "this database is `prod`"));
}

TEST_CASE("A table that somebody holds is left out of the analyze at the end", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  project.files.write(
      "versions/0003.yml",
      "version: 3\nmigrationScript: |-\n  begin\n    insert into tasks select 'x', 1;\n  end\n"
      "downgradeScript: |-\n  begin\n    delete from tasks;\n  end\nmethods: {}\n");
  auto holder = project.database.connect();
  holder.exec("begin; lock table tasks in share update exclusive mode");
  const auto outcome = project.dbtool({"upgrade"});
  CHECK(outcome.exit_status == 0);
  CHECK(contains(outcome.errors, "tasks was not analyzed, for somebody holds it"));
}

TEST_CASE("A project directory that is not there keeps from the way back, too", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  const auto outcome = run_dbtool({"-C", (project.files.path() / "nowhere").string(), "--url",
                                   project.database.owner_url(), "downgrade", "1"});
  CHECK(outcome.exit_status == 2);
  CHECK(contains(outcome.errors, "there is no such directory"));
  CHECK(project.database.exec("select version = 2 from dbtool.version").boolean(0, 0));
}

TEST_CASE("The process list shows no password", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  std::string url = project.database.owner_url();
  url += "&password=secretpw";
  dbtool::ProcessOptions options;
  options.log = project.files.path() / "log";
  const pid_t pid = dbtool::start_process(
      {DBTOOL_BINARY, "-C", project.files.path().string(), "--url=" + url, "status", "--watch"}, options);
  std::string shown;
  // What it was started with is seen for a moment.
  for (int look = 0; look < 600 && (shown.empty() || contains(shown, "secretpw")); ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::ifstream words("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
    shown.assign(std::istreambuf_iterator<char>(words), {});
  }
  kill(pid, SIGINT);
  waitpid(pid, nullptr, 0);
  CHECK_FALSE(contains(shown, "secretpw"));
  CHECK(contains(shown, "--url=postgresql://"));
  CHECK(contains(shown, "--watch"));
}

TEST_CASE("status of a version that no file has says that the files are too old", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  CHECK(contains(project.dbtool({"status", "--format", "json"}).output, "\"files_are_older\":false"));
  project.database.exec("update dbtool.version set version = 7000");
  CHECK(project.dbtool({"status"}).exit_status == 0);
  const auto outcome = project.dbtool({"status", "--exit-code"});
  CHECK(outcome.exit_status == 3);
  CHECK(contains(outcome.output, "version 7000, newest is 2: THE FILES ARE TOO OLD for this database"));
  CHECK(contains(outcome.output, "next: take newer version files"));
  CHECK(contains(project.dbtool({"status", "--format", "json"}).output, "\"files_are_older\":true"));
}

TEST_CASE("What cannot be meant is refused with what can", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  const auto from = project.dbtool({"plan", "--from", "9"});
  CHECK(from.exit_status == 2);
  CHECK(contains(from.errors, "there is no version 9"));
  const auto limit = project.dbtool({"history", "--limit", "0"});
  CHECK(limit.exit_status == 0);
  CHECK_FALSE(contains(limit.output, "no runs"));
  const auto yes = project.dbtool({"downgrade", "0", "--yes"});
  CHECK(yes.exit_status == 2);
  CHECK(contains(yes.errors, "--yes needs NAME: go on without asking: the environment's name"));
}
