#include "pg/local.h"

#include <csignal>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "pg/throwaway_directory.h"
#include "test/support/catch.h"
#include "test/support/server.h"

using namespace dbtool;
namespace fs = std::filesystem;

namespace {

/// A project directory, removed at the end together with its server.
struct ProjectFolder {
  pg::ThrowawayDirectory directory;
  const fs::path& path = directory.path();
  ProjectFolder() { ::setenv("PGBIN", test::server_binaries().directory.c_str(), 1); }
  ~ProjectFolder() { pg::destroy_local(path); }
};

std::string sorted(const std::string& url) {
  pg::Connection connection = pg::Connection::open({.url = url});
  return std::string(
      connection
          .query("select string_agg(c, ' < ' order by c) from unnest(array['B', 'a', '0', 'b', 'A']) as c")
          .text(0, 0));
}

}  // namespace

TEST_CASE("the embedded server is made on first use and found by the second", "[pg][local]") {
  const ProjectFolder project;
  CHECK_FALSE(pg::find_local(project.path));
  CHECK_FALSE(pg::stop_local(project.path));
  const pg::LocalServer first = pg::start_local({.project = project.path, .durable = false});
  CHECK(first.created);
  CHECK(sorted(first.url) == "0 < A < B < a < b");
  {
    pg::Connection owner = pg::Connection::open({.url = first.url});
    CHECK(owner.database() == "dbtool");
    CHECK(owner.user() == "dbtool");
    owner.exec("create table t (); create extension pgcrypto");
    CHECK_FALSE(owner.query("select rolsuper from pg_roles where rolname = current_user").boolean(0, 0));
    CHECK(owner.query("select pg_has_role('pg_monitor', 'USAGE')").boolean(0, 0));
  }
  const pg::LocalServer second = pg::start_local({.project = project.path, .durable = false});
  CHECK_FALSE(second.created);
  CHECK(second.server.pid() == first.server.pid());
  CHECK(second.url == first.url);

  CHECK(pg::stop_local(project.path));
  CHECK_FALSE(pg::find_local(project.path));
  const pg::LocalServer third = pg::start_local({.project = project.path, .durable = false});
  CHECK_FALSE(third.created);
  pg::Connection::open({.url = third.url}).exec("table t");

  ::kill(third.server.pid(), SIGKILL);
  while (pg::find_local(project.path)) ::usleep(10'000);
  const pg::LocalServer fourth = pg::start_local({.project = project.path, .durable = false});
  pg::Connection::open({.url = fourth.url}).exec("table t");
  CHECK(pg::destroy_local(project.path));
  CHECK_FALSE(pg::find_local(project.path));
}

TEST_CASE("the embedded server sorts as the project asks", "[pg][local]") {
  if (test::server_binaries().major < 15) return;
  const ProjectFolder project;
  const pg::LocalServer local =
      pg::start_local({.project = project.path, .sort_order = "0 < a < A < b < B", .durable = false});
  CHECK(sorted(local.url) == "0 < a < A < b < B");
}

TEST_CASE("of two first uses at once one makes the server and the other waits", "[pg][local]") {
  const ProjectFolder project;
  std::vector<pid_t> children;
  for (int number = 0; number < 2; ++number) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    int status = 1;
    try {
      const pg::LocalServer local = pg::start_local({.project = project.path, .durable = false});
      pg::Connection::open({.url = local.url}).exec("select 1");
      status = local.created ? 10 : 20;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(status);
  }
  int sum = 0;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    sum += WEXITSTATUS(status);
  }
  CHECK(sum == 30);
  // Both starters are gone; the server is not.
  CHECK(pg::find_local(project.path));
}

TEST_CASE("roles are made where they are missing", "[pg][local]") {
  test::OwnServer server;
  pg::Connection connection = pg::Connection::open({.url = server->url()});
  pg::ensure_roles(connection, {"one", "it's \"two\""});
  pg::ensure_roles(connection, {"one", "three", "three"});
  CHECK(connection
            .query("select count(*) from pg_roles where rolcanlogin and rolname in ('one', 'it''s \"two\"', "
                   "'three')")
            .integer(0, 0) == 3);
}

TEST_CASE("psql opens a URL", "[pg][local]") {
  const auto command = pg::psql_command(test::shared_server_url());
  REQUIRE(command.size() == 2);
  CHECK(run_process({command[0], "-XAtc", "select 42", command[1]}).output == "42\n");
}
