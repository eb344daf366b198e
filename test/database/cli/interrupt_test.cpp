#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool::test;
using namespace std::chrono_literals;

namespace {

/// Waits until a session of the database runs the sleep of the script; gives up after a minute.
bool sleeps(const Database& database) {
  for (int i = 0; i < 600; ++i) {
    const auto found = database.exec(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event = "
        "'PgSleep'");
    if (found.integer(0, 0) > 0) return true;
    std::this_thread::sleep_for(100ms);
  }
  return false;
}

}  // namespace

TEST_CASE("Ctrl-C and SIGTERM stop a young script and roll it back, and SIGHUP does not", "[cli]") {
  const SmallProject project;
  project.files.write(
      "versions/0003.yml",
      "version: 3\nmigrationScript: |-\n  begin\n    create table half (a integer);\n    perform "
      "pg_sleep(300);\n  end\ndowngradeScript: begin drop table half; end\nmethods: {}\n");
  REQUIRE(project.dbtool({"upgrade", "2"}).exit_status == 0);
  for (const int signal : {SIGINT, SIGTERM}) {
    dbtool::ProcessOptions options;
    options.log = project.files.path() / "log";
    const pid_t pid = dbtool::start_process(
        {DBTOOL_BINARY, "-C", project.files.path().string(), "--url", project.database.owner_url(),
         "--user-prefix", project.database.user_prefix(), "upgrade"},
        options);
    REQUIRE(sleeps(project.database));
    kill(pid, SIGHUP);
    std::this_thread::sleep_for(300ms);
    int status = 0;
    CHECK(waitpid(pid, &status, WNOHANG) == 0);
    kill(pid, signal);
    REQUIRE(waitpid(pid, &status, 0) == pid);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 128 + signal);
    CHECK(project.database.exec("select to_regclass('half') is null").boolean(0, 0));
  }
  CHECK(contains(project.dbtool({"status"}).output, "version 2, newest is 3"));
}
