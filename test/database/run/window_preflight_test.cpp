#include "run/window_preflight.h"

#include "test/support/catch.h"
#include "test/support/database.h"
#include "test/support/server.h"

using namespace dbtool;
using namespace dbtool::test;

TEST_CASE("A prepared transaction is told before a window's first step", "[window]") {
  OwnServer server({.settings = {"max_prepared_transactions=2"}});
  pg::Connection connection = pg::Connection::open({.url = server->url()});
  connection.exec("begin");
  connection.exec("create table half (n integer)");
  connection.exec("prepare transaction 'it''s open'");
  const Clock::Wall now = SystemClock().wall();
  run::Plan plan;
  const auto of = [&] {
    return run::window_preflight(connection, Project{}, plan, {now, now + std::chrono::hours(1)});
  };
  CHECK(of().problems.empty());
  REQUIRE(of().warnings.size() == 1);
  CHECK_THAT(of().warnings.front(), Catch::Contains("rollback prepared 'it''s open';"));
  connection.exec("rollback prepared 'it''s open'");
  CHECK(of().warnings.empty());
}

TEST_CASE("A stop is heeded while the query of the last backup runs", "[window]") {
  const Database database;
  pg::Connection connection = database.connect();
  Project project;
  project.settings.window.backup_age =
      BackupSettings{"select interval '1 minute' from pg_sleep(60)", std::chrono::hours(26)};
  const Clock::Wall now = SystemClock().wall();
  const auto is_stopped = [&](int wishes) {
    try {
      run::window_preflight(connection, project, run::Plan{}, {now, now + std::chrono::hours(1)},
                            [&] { return wishes; });
      return false;
    } catch (const Error& error) {
      return error.exit_code() == ExitCode::stopped;
    }
  };
  CHECK(is_stopped(1));
  project.settings.window.backup_age->query = "select interval '1 minute'";
  CHECK_FALSE(is_stopped(0));
}
