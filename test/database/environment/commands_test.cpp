#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"
#include "test/support/standby.h"

using namespace dbtool::test;
using nlohmann::json;

namespace {

bool has_scratch_schema(const Database& database) {
  return database.exec("select to_regnamespace('dbtool_benchmark') is not null").boolean(0, 0);
}

/// Starts `environment save`, and sends the signal when the benchmark is under way, or over.
int status_after(const SmallProject& project, int signal) {
  dbtool::ProcessOptions options;
  options.log = project.files.path() / "log";
  const pid_t pid = dbtool::start_process(
      {DBTOOL_BINARY, "-C", project.files.path().string(), "--url", project.database.owner_url(),
       "--user-prefix", project.database.user_prefix(), "environment", "save"},
      options);
  int status = 0;
  while (!has_scratch_schema(project.database) && waitpid(pid, &status, WNOHANG) == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(pid, signal);
  waitpid(pid, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("environment save writes a file that compare reads", "[environment]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"--name", "here", "upgrade"}).exit_status == 0);
  const auto saved = project.dbtool({"environment", "save"});
  INFO(saved.errors);
  REQUIRE(saved.exit_status == 0);
  CHECK(contains(saved.output, "saved environments/here.json: PostgreSQL "));
  CHECK(contains(saved.output, "ms a commit"));
  const std::string file = (project.files.path() / "environments/here.json").string();
  CHECK_FALSE(has_scratch_schema(project.database));

  const auto same = project.dbtool({"environment", "compare", file, file, "--format", "json"});
  const auto compared = json::parse(same.output);
  CHECK(compared["differences"].empty());
  CHECK(compared["there"]["name"] == "here");
  REQUIRE(compared["conversions"].size() == 6);
  for (const auto& conversion : compared["conversions"]) {
    INFO(conversion.dump());
    if (conversion["reason"] != "") {
      CHECK(conversion["low"].is_null());
    } else {
      CHECK(conversion["low"] <= 1);
      CHECK(conversion["high"] >= 1);
    }
  }

  // Against the live database, which has changed since, with the measurements that were saved of it.
  const std::string staging = (project.files.path() / "staging.json").string();
  REQUIRE(project.dbtool({"environment", "save", staging, "--no-benchmark"}).exit_status == 0);
  project.database.exec("create table large as select i from generate_series(1, 100000) i; analyze large");
  const auto live = project.dbtool({"environment", "compare", staging});
  CHECK(live.exit_status == 0);
  CHECK(contains(live.output, "table large"));
  CHECK(contains(live.output, "no benchmark was run there"));
  CHECK(contains(live.output, "in environments/here.json; --benchmark measures anew"));
  CHECK(contains(project.dbtool({"environment", "compare", file}).output, "no benchmark was run here"));
}

TEST_CASE("environment save refuses to measure while services are connected", "[environment]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  const std::string user = project.database.user_prefix() + "_queue";
  auto service = project.database.connect(user);
  const auto refused = project.dbtool({"environment", "save"});
  CHECK(refused.exit_status == 1);
  CHECK(contains(refused.errors, user + " (1 session"));
  CHECK(contains(refused.errors, "--force"));
  CHECK_FALSE(std::filesystem::exists(project.files.path() / "environments"));
  CHECK(project.dbtool({"environment", "save", "--no-benchmark"}).exit_status == 0);
  const auto forced = project.dbtool({"environment", "save", "--force"});
  INFO(forced.errors);
  CHECK(forced.exit_status == 0);
}

TEST_CASE("environment save asks on a protected database", "[environment]") {
  const SmallProject project;
  project.files.write("dbtool.yml", "name: careful\nprotected: true\n");
  const auto unasked = project.dbtool({"environment", "save"});
  CHECK(unasked.exit_status == 2);
  CHECK(contains(unasked.errors, "--yes careful"));
  CHECK(project.dbtool({"environment", "save", "--yes", "other"}).exit_status == 2);
  CHECK(project.dbtool({"environment", "save", "--no-benchmark"}).exit_status == 0);
  CHECK(contains(project.dbtool({"environment", "save", "--yes", "careful"}).output, "measured in"));
}

TEST_CASE("environment save measures nothing where subscribers would be told of it", "[environment]") {
  const SmallProject project;
  project.database.exec("create publication everything for all tables");
  const auto refused = project.dbtool({"environment", "save", "--force"});
  CHECK(refused.exit_status == 1);
  CHECK(contains(refused.errors, "publication everything is of all tables"));
}

TEST_CASE("environment save of a database that cannot be written to says so, and saves the rest",
          "[environment]") {
  const SmallProject project;
  project.database.exec("alter database " + project.database.name() +
                        " set default_transaction_read_only = on");
  const auto refused = project.dbtool({"environment", "save"});
  CHECK(refused.exit_status == 6);
  CHECK(contains(refused.errors, "default_transaction_read_only"));
  CHECK(contains(refused.errors, "--no-benchmark"));
  CHECK(project.dbtool({"environment", "save", "--no-benchmark"}).exit_status == 0);
}

TEST_CASE("environment save of a standby has no benchmark", "[environment]") {
  OwnServer primary;
  Standby replica(primary, "r1");
  const ProjectFiles files;
  write_minimal(files);
  const std::vector<std::string> words{"-C",           files.path().string(), "--url",
                                       replica->url(), "environment",         "save"};
  const auto refused = run_dbtool(words);
  CHECK(refused.exit_status == 6);
  CHECK(contains(refused.errors, "is a standby"));
  auto without = words;
  without.emplace_back("--no-benchmark");
  const auto saved = run_dbtool(without);
  INFO(saved.errors);
  CHECK(saved.exit_status == 0);
  CHECK(contains(saved.output, "no benchmark was run"));
}

TEST_CASE("A stop or a kill of environment save leaves nothing for good", "[environment]") {
  const SmallProject project;
  const int stopped = status_after(project, SIGINT);
  REQUIRE(WIFEXITED(stopped));
  CHECK_FALSE(has_scratch_schema(project.database));
  CHECK((WEXITSTATUS(stopped) == 130 || WEXITSTATUS(stopped) == 0));
  status_after(project, SIGKILL);
  const auto next = project.dbtool({"environment", "save"});
  INFO(next.errors);
  CHECK(next.exit_status == 0);
  CHECK_FALSE(has_scratch_schema(project.database));
}

TEST_CASE("environment says what it takes, and which file it cannot read", "[environment]") {
  const SmallProject project;
  CHECK(project.dbtool({"environment", "compare"}).exit_status == 2);
  CHECK(project.dbtool({"environment", "save", "a", "b"}).exit_status == 2);
  CHECK(project.dbtool({"environment", "save", "--benchmark"}).exit_status == 2);
  CHECK(project.dbtool({"environment", "compare", "a", "--no-benchmark"}).exit_status == 2);
  const auto missing = project.dbtool({"environment", "compare", "/nonexistent/a.json", "b.json"});
  CHECK(missing.exit_status == 2);
  CHECK(contains(missing.errors, "/nonexistent/a.json"));
  project.files.write("broken.json", "{\"taken_at\": ");
  const std::string broken = (project.files.path() / "broken.json").string();
  const auto unread = project.dbtool({"environment", "compare", broken, broken});
  CHECK(unread.exit_status == 2);
  CHECK(contains(unread.errors, "broken.json"));
}
