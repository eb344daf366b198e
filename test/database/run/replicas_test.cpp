#include "run/replicas.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "run/window_preflight.h"
#include "test/support/catch.h"
#include "test/support/server.h"
#include "test/support/standby.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

Settings demanding(std::int64_t lag, std::vector<std::string> except = {}) {
  Settings settings;
  settings.window.replicas = LagSettings{lag, std::move(except)};
  return settings;
}

bool tells(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

template <class Condition>
void await(const Condition& condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

}  // namespace

TEST_CASE("Replicas that are behind and slots that nobody reads speak against a window", "[window]") {
  OwnServer primary({.settings = {"wal_level=logical"}});
  Standby replica(primary, "r1", "r1_slot");
  pg::Connection connection = pg::Connection::open({.url = primary->url()});
  connection.exec("create table numbers (n integer)");
  await([&] {
    return connection.exec("select exists (select from pg_stat_replication where state = 'streaming')")
        .boolean(0, 0);
  });
  const run::Preflight well = run::check_replicas(connection, demanding(100 << 20));
  CHECK(well.problems.empty());
  CHECK(well.warnings.empty());

  // It replays nothing more.
  pg::Connection paused = pg::Connection::open({.url = replica->url()});
  paused.exec("select pg_wal_replay_pause()");
  await([&] { return paused.exec("select pg_get_wal_replay_pause_state()").text(0, 0) == "paused"; });
  connection.exec("insert into numbers select generate_series(1, 50000)");
  const run::Preflight behind = run::check_replicas(connection, demanding(1 << 20));
  CHECK(tells(behind.problems, "replica r1_slot is "));
  CHECK(tells(behind.problems, "of WAL behind (limit 1 MB)"));
  CHECK(run::check_replicas(connection, demanding(1 << 20, {"r1"})).problems.empty());
  // Nothing demanded: told by the throttle's limit, and no problem.
  Settings usual;
  CHECK(run::check_replicas(connection, usual).warnings.empty());
  usual.throttle.lag = LagSettings{1 << 20, {}};
  const run::Preflight told = run::check_replicas(connection, usual);
  CHECK(told.problems.empty());
  CHECK(tells(told.warnings, "replica r1_slot is "));

  connection.exec("select pg_create_physical_replication_slot('gone', true)");
  connection.exec("select pg_create_logical_replication_slot('unread', 'pgoutput')");
  const run::Preflight held = run::check_replicas(connection, demanding(100 << 20));
  CHECK(tells(held.problems, "nobody reads replication slot gone"));
  CHECK(tells(held.problems, "nobody reads replication slot unread"));
  CHECK(tells(held.problems, "select pg_drop_replication_slot('gone');"));
  CHECK(run::check_replicas(connection, demanding(100 << 20, {"gone", "unread"})).problems.empty());
  // The preflight of every run tells of logical ones of this database.
  const run::Preflight slots = run::check_replicas(connection, {});
  CHECK(tells(slots.warnings, "slot gone"));
  CHECK_FALSE(tells(slots.warnings, "slot unread"));

  // Who may not see them is told so.
  connection.exec("create role nobody_much login");
  pg::Connection blind = pg::Connection::open({.url = url_with(primary->url(), "postgres", "nobody_much")});
  const run::Preflight unseen = run::check_replicas(blind, demanding(1 << 20, {"gone", "unread"}));
  CHECK(tells(unseen.problems, "cannot be seen: grant pg_monitor to \"nobody_much\";"));
  CHECK(unseen.warnings.empty());
  // Nothing demanded, or the way back: it is told, and keeps from nothing.
  const run::Preflight undemanded = run::check_replicas(blind, {});
  CHECK_FALSE(tells(undemanded.problems, "pg_monitor"));
  CHECK(tells(undemanded.warnings, "grant pg_monitor to \"nobody_much\";"));
  Project project;
  project.settings = demanding(1 << 20, {"gone", "unread"});
  run::Plan plan;
  const Clock::Wall now = SystemClock().wall();
  const run::WindowSpan span{now, now + std::chrono::hours(1)};
  CHECK(tells(run::window_preflight(blind, project, plan, span).problems, "grant pg_monitor"));
  plan.direction = Direction::downgrade;
  const run::Preflight back = run::window_preflight(blind, project, plan, span);
  CHECK(back.problems.empty());
  CHECK(tells(back.warnings, "grant pg_monitor"));
  connection.exec("grant pg_monitor to nobody_much");
  plan.direction = Direction::upgrade;
  CHECK_FALSE(tells(run::window_preflight(blind, project, plan, span).problems, "pg_monitor"));
}
