#include "ledger/window.h"

#include <fmt/format.h>

#include "ledger/write.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// A database with a ledger, and nothing else.
struct Windows {
  RunFixture fixture;
  pg::Connection connection = fixture.database.connect();
  ledger::Session session = ledger::Session::from(Settings{});

  Windows() { ledger::create(connection, session); }

  /// A window of the past: lengths in hours.
  void past(int number, double length, double last_run_after, double closed_after) {
    connection.query(
        R"(
        insert into dbtool.windows (number, opened, closes, planned, reserve, closed, opened_by)
        select $1, t, t + make_interval(secs => $2), t + make_interval(secs => $2), 600,
               t + make_interval(secs => $3), 'ana' from (select now() - make_interval(days => 100 - $1)) as o (t))",
        {std::to_string(number), fmt::format("{}", length * 3600), fmt::format("{}", closed_after * 3600)});
    connection.query(R"(
        insert into dbtool.runs (run, command, from_version, goal, outcome, os_user, host, pid, backend_pid, started, finished)
        select number, 'upgrade 2', 1, 2, 'done', 'ana', 'ops1', 1, 1, opened, opened + make_interval(secs => $2)
          from dbtool.windows where number = $1)",
                     {std::to_string(number), fmt::format("{}", last_run_after * 3600)});
  }
};

}  // namespace

TEST_CASE("A window is opened, moved and closed on the server's clock", "[ledger][window]") {
  Windows windows;
  pg::Connection& connection = windows.connection;
  CHECK_FALSE(ledger::current_window(connection));
  CHECK_THROWS_WITH(ledger::close_window(connection, windows.session), Catch::Contains("no window is open"));
  CHECK_THROWS_WITH(ledger::extend_window(connection, windows.session, 60),
                    Catch::Contains("no window is open"));

  const ledger::WindowRecord opened =
      ledger::open_window(connection, windows.session, {43200, 2700, "ana on ops1", "queue tasks"});
  CHECK(opened.number == 1);
  CHECK(opened.is_open());
  CHECK(opened.closes_epoch - opened.opened_epoch == Approx(43200));
  CHECK(opened.elapsed + opened.left == Approx(43200));
  CHECK(opened.reserve == 2700);
  CHECK(opened.opened_by == "ana on ops1");
  CHECK(opened.reason == "queue tasks");
  CHECK_THROWS_WITH(ledger::open_window(connection, windows.session, {60, 0, "bob"}),
                    Catch::Contains("window 1 is open since") && Catch::Contains("ana on ops1"));

  const ledger::WindowRecord extended = ledger::extend_window(connection, windows.session, 7200);
  CHECK(extended.closes_epoch - opened.closes_epoch == Approx(7200));
  CHECK(extended.planned_at == opened.closes_at);
  CHECK(ledger::extend_window(connection, windows.session, -3600).closes_epoch ==
        Approx(opened.closes_epoch + 3600));
  CHECK_THROWS_WITH(ledger::extend_window(connection, windows.session, -90000),
                    Catch::Contains("in the past"));

  const ledger::WindowRecord closed = ledger::close_window(connection, windows.session);
  CHECK_FALSE(closed.is_open());
  CHECK(closed.runs == 0);
  CHECK_FALSE(closed.reopening);
  CHECK_FALSE(ledger::current_window(connection));
  REQUIRE(ledger::closed_windows(connection, 5).size() == 1);
  CHECK(ledger::open_window(connection, windows.session, {60, 0, "bob"}).number == 2);
  // Not before it was opened, however long ago that is said to have been.
  CHECK(ledger::close_window(connection, windows.session, 86400).elapsed == 0);
}

TEST_CASE("Two windows at once are refused by the database itself", "[ledger][window]") {
  Windows windows;
  ledger::open_window(windows.connection, windows.session, {60, 0, "ana"});
  CHECK_THROWS_WITH(
      windows.connection.exec("insert into dbtool.windows (number, closes, planned, reserve, opened_by) "
                              "values (7, now(), now(), 0, 'bob')"),
      Catch::Contains("windows_open"));
}

TEST_CASE("The reserve is learnt from the windows before", "[ledger][window]") {
  Windows windows;
  CHECK_FALSE(ledger::learned_reserve(windows.connection));
  SECTION("the longest of the last five, and a quarter more") {
    windows.past(1, 12, 4, 8);  // the oldest of six
    windows.past(2, 12, 10, 10.5);
    windows.past(3, 12, 10, 10.8);
    windows.past(4, 12, 10, 10.1);
    windows.past(5, 12, 10, 10.2);
    windows.past(6, 12, 10, 10.3);
    CHECK(ledger::learned_reserve(windows.connection) == 3600);
    CHECK(ledger::closed_windows(windows.connection, 1)[0].reopening == Approx(0.3 * 3600));
  }
  SECTION("not from one that nobody closed in time") {
    windows.past(1, 2, 1, 1.5);
    windows.past(2, 2, 1, 40);
    CHECK(ledger::learned_reserve(windows.connection) == 2280);  // 37.5 min, in whole minutes
  }
  SECTION("not from one in which nothing was brought up") {
    windows.past(1, 2, 1, 1.01);
    CHECK_FALSE(ledger::learned_reserve(windows.connection));
  }
  SECTION("not from one without a run") {
    windows.past(1, 2, 1, 1.5);
    windows.connection.exec("delete from dbtool.runs");
    CHECK_FALSE(ledger::learned_reserve(windows.connection));
  }
}

TEST_CASE("Windows of a period are those that were open in it", "[ledger][window]") {
  Windows windows;
  windows.past(1, 12, 1, 2);   // 99 days ago
  windows.past(90, 12, 1, 2);  // 10 days ago
  ledger::open_window(windows.connection, windows.session, {60, 0, "ana"});
  const double now = ledger::server_clock(windows.connection);
  CHECK(ledger::windows_between(windows.connection, now - 20 * 86400, now).size() == 2);
  CHECK(ledger::windows_between(windows.connection, now - 200 * 86400, now).size() == 3);
  CHECK(ledger::windows_between(windows.connection, now - 99 * 86400 + 3600, now - 50 * 86400).size() == 1);
  CHECK(ledger::windows_between(windows.connection, now - 9 * 86400, now - 8 * 86400).empty());
}
