#include "run/window_preflight.h"

#include "test/support/catch.h"
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
