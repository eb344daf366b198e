#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "test/database/environment/probed_project.h"
#include "test/support/catch.h"

using namespace dbtool::test;
using nlohmann::json;

TEST_CASE("What is only read is let go before the next statement", "[environment][probe]") {
  const ProbedProject project(R"(perform 1 from items for update;
create table copies as select id, note from items for update;
perform slow(label) from kinds where kind = 'slow';)");
  project.database.exec(slow_function);
  project.database.exec("insert into kinds values ('slow', 'slow')");
  std::atomic<bool> ended = false;
  std::thread probing([&] {
    project.probe();
    ended = true;
  });
  // While the last statement works, every row can be locked.
  std::int64_t free_rows = -1;
  for (int tries = 0; tries < 6000 && !ended && free_rows < 0; ++tries) {
    if (sleeps_in_probe(project.database))
      free_rows =
          project.database.exec("select count(*) from (select id from items for update skip locked) x")
              .integer(0, 0);
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  probing.join();
  CHECK(free_rows == project.database.exec("select count(*) from items").integer(0, 0));
}

TEST_CASE("A probe ends in time, and whatever ends it leaves nothing behind", "[environment][probe]") {
  const ProbedProject project("update items set note = slow(note);\nupdate items set note = 'y';");
  project.database.exec(slow_function);
  const std::string before = project.picture();
  SECTION("its time is over") {
    const json probe = project.probe({"--limit", "2s"});
    CHECK(contains(statement(probe, "update items set note = slow")["not_probed"], "took longer than "));
    CHECK(contains(probe["parts"].dump() + probe["statements"].dump(), "update items set note = slow"));
  }
  SECTION("stopped, killed, or its connection ended") {
    for (const int signal : {SIGINT, SIGKILL, 0}) {
      INFO(signal);
      dbtool::ProcessOptions options;
      options.log = project.files.path() / "log";
      std::vector<std::string> command{DBTOOL_BINARY};
      for (const std::string& word : project.words({"environment", "probe"})) command.push_back(word);
      const pid_t pid = dbtool::start_process(command, options);
      await([&] { return sleeps_in_probe(project.database); });
      if (signal != 0) {
        kill(pid, signal);
      } else {
        project.database.exec(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dbtool probe' "
            "and "
            "datname = current_database()");
      }
      int status = 0;
      waitpid(pid, &status, 0);
      if (signal == SIGINT) {
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 130);
      }
      await([&] { return !is_probing(project.database); });
      CHECK(project.picture() == before);
    }
    CHECK(project.database.exec("select count(*) from dbtool.probes").text(0, 0) == "0");
  }
  CHECK(project.picture() == before);
}

TEST_CASE("A probe waits for nobody", "[environment][probe]") {
  const ProbedProject project("update items set note = 'y';");
  auto other = project.database.connect();
  other.exec("begin; update items set note = 'z'");
  const json probe = project.probe();
  CHECK(contains(statement(probe, "update items")["not_probed"], "for a lock that others hold"));
  other.exec("rollback");
}
