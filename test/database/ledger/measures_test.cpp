#include "ledger/measures.h"

#include <algorithm>

#include "ledger/latency.h"
#include "ledger/ledger.h"
#include "ledger/probes.h"
#include "ledger/readable.h"
#include "ledger/window.h"
#include "ledger/write.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

// What the ledger had before format 4.
constexpr const char* back_to_format_3 =
    "drop table dbtool.windows, dbtool.forecasts, dbtool.samples, dbtool.locks, dbtool.failed_steps, "
    "dbtool.latency, dbtool.probes; alter table dbtool.positions drop turned; "
    "update dbtool.ledger set format = 3";

}  // namespace

TEST_CASE("What is recorded of a step is read as it was", "[ledger]") {
  RunFixture fixture;
  pg::Connection connection = fixture.database.connect();
  const ledger::Session session = ledger::Session::from(Settings{});
  ledger::create(connection, session);

  ledger::record(connection, session,
                 std::vector<ledger::ForecastRecord>{
                     {1, 20, Direction::upgrade, false, {}, {}, "never rehearsed"},
                     {2, 20, Direction::upgrade, false, 1.5, 2.25, R"(a "copy" of {27,1} \ rows, 'then')"},
                     {2, 20, Direction::upgrade, true, 0.5, 1e9, "its curve"},
                     {3, 20, Direction::downgrade, false, 1.0, 2.0, "other"}});
  const auto forecasts = ledger::read_forecasts(connection, 2, 2);
  REQUIRE(forecasts.size() == 2);
  CHECK(forecasts[0].source == R"(a "copy" of {27,1} \ rows, 'then')");
  CHECK(forecasts[0].low == 1.5);
  CHECK(forecasts[0].high == 2.25);
  CHECK_FALSE(forecasts[0].during);
  CHECK(forecasts[1].during);
  CHECK(forecasts[1].high == 1e9);
  CHECK_FALSE(ledger::read_forecasts(connection, 1, 1).at(0).low);
  CHECK(ledger::read_forecasts(connection, 1, 3).size() == 4);
  CHECK(ledger::read_forecasts(connection, 3, 3).at(0).direction == Direction::downgrade);

  std::vector<ledger::SampleRecord> samples;
  for (int at = 1; at <= 5; ++at)
    samples.push_back(
        {2, 20, Direction::upgrade, at * 1.0, at * 100, {}, {}, "ph,ase", "IO:DataFileRead", 3});
  samples[4].left_low = 0.25;
  samples[4].left_high = 0.5;
  ledger::record(connection, session, samples);
  CHECK(ledger::read_samples(connection, 2, 2).size() == 5);
  ledger::thin_samples(connection, session, 2, 20, Direction::upgrade);
  const auto thinned = ledger::read_samples(connection, 2, 2);
  REQUIRE(thinned.size() == 3);
  CHECK(thinned[2].seconds == 5);
  CHECK(thinned[2].wal_bytes == 500);
  CHECK(thinned[2].left_low == 0.25);
  CHECK(thinned[2].left_high == 0.5);
  CHECK_FALSE(thinned[0].left_low);
  CHECK(thinned[0].phase == "ph,ase");
  CHECK(thinned[0].wait == "IO:DataFileRead");
  CHECK(thinned[0].waiting == 3);

  ledger::record(connection, session,
                 std::vector<ledger::LockRecord>{
                     {2, 20, Direction::upgrade, "tasks", "AccessExclusiveLock", 0.5, 3.2, 4},
                     {2, 20, Direction::upgrade, "old.\"odd\"", "ShareLock", 0.1, 9, 0}});
  const auto locks = ledger::read_locks(connection, 2, 2);
  REQUIRE(locks.size() == 2);
  CHECK(locks[0].table == "old.\"odd\"");
  CHECK(locks[1].mode == "AccessExclusiveLock");
  CHECK(locks[1].seconds == 3.2);
  CHECK(locks[1].waited_for == 4);
  CHECK(ledger::keeps_from_reading(locks[1].mode));
  CHECK_FALSE(ledger::keeps_from_reading(locks[0].mode));
  CHECK(ledger::keeps_from_writing(locks[0].mode));
  CHECK_FALSE(ledger::keeps_from_writing("ShareUpdateExclusiveLock"));
}

TEST_CASE("A step that failed is recorded beside those that are done", "[ledger][run]") {
  RunFixture fixture;
  fixture.write_scripts(1, "begin create table t (a integer); end", "begin drop table t; end");
  fixture.write_scripts(2, "begin perform pg_sleep(0.05); perform 1/0; end", "begin end");
  CHECK_THROWS(fixture.upgrade(2));
  pg::Connection connection = fixture.database.connect();
  const auto failed = ledger::read_failed_steps(connection, 1, 1);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].version == 2);
  CHECK(failed[0].direction == Direction::upgrade);
  CHECK(failed[0].outcome == "failed");
  CHECK(failed[0].seconds >= 0.05);
  const auto steps = ledger::read_steps(connection, 1);
  REQUIRE(steps.size() == 1);
  CHECK(failed[0].started_at == steps[0].finished_at);
  // The next try is another run, and what failed before does not count as done.
  fixture.write_scripts(2, "begin end", "begin end");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(ledger::read_failed_steps(connection, 2, 2).empty());
}

TEST_CASE("A ledger older than windows reads as empty, and the next run brings it up to date",
          "[ledger][run]") {
  RunFixture fixture;
  fixture.write_scripts(1, "begin create table t (a integer); end", "begin drop table t; end");
  fixture.write_scripts(2, "begin alter table t add b integer; end", "begin alter table t drop b; end");
  CHECK(fixture.upgrade(1) == 1);
  fixture.database.exec(back_to_format_3);
  pg::Connection connection = fixture.database.connect();
  CHECK_FALSE(ledger::current_window(connection));
  CHECK(ledger::closed_windows(connection, 5).empty());
  CHECK(ledger::windows_between(connection, 0, 4e9).empty());
  CHECK_FALSE(ledger::learned_reserve(connection));
  CHECK(ledger::read_forecasts(connection, 1, 9).empty());
  CHECK(ledger::read_samples(connection, 1, 9).empty());
  CHECK(ledger::read_locks(connection, 1, 9).empty());
  CHECK(ledger::read_failed_steps(connection, 1, 9).empty());
  CHECK(ledger::read_curve(connection, 1).empty());
  CHECK(ledger::read_latency(connection, 1).empty());
  CHECK(ledger::read_probes(connection).empty());

  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select format from dbtool.ledger") == std::to_string(ledger::format));
  CHECK(fixture.text("select count(*) from dbtool.runs") == "2");
  CHECK(fixture.text("select count(*) from dbtool.steps") == "2");
  CHECK(fixture.text("select count(*) from dbtool.versions") == "2");
  CHECK(fixture.text("select count(*) from dbtool.windows") == "0");
  CHECK(fixture.text("select count(*) from dbtool.latency") == "0");
}

TEST_CASE("A ledger that knows windows and no latency is brought up to date", "[ledger][run]") {
  RunFixture fixture;
  fixture.write_scripts(1, "begin create table t (a integer); end", "begin drop table t; end");
  fixture.write_scripts(2, "begin alter table t add b integer; end", "begin alter table t drop b; end");
  CHECK(fixture.upgrade(1) == 1);
  fixture.database.exec(
      "drop table dbtool.latency, dbtool.probes; alter table dbtool.positions drop turned; "
      "update dbtool.ledger set format = 4");
  pg::Connection connection = fixture.database.connect();
  CHECK(ledger::read_latency(connection, 1).empty());
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select format from dbtool.ledger") == std::to_string(ledger::format));
  CHECK(ledger::read_latency(connection, 2).empty());
  CHECK(fixture.text("select count(*) from dbtool.runs") == "2");
}

TEST_CASE("A role that may read the older tables alone finds no probes and no latency", "[ledger]") {
  RunFixture fixture;
  pg::Connection connection = fixture.database.connect();
  const ledger::Session session = ledger::Session::from(Settings{});
  ledger::create(connection, session);
  ledger::record(connection, session, ledger::ProbeRecord{.version = 20});
  connection.exec(
      "insert into dbtool.runs (run, command, from_version, goal, os_user, host, pid, backend_pid) "
      "values (1, 'upgrade', 19, 20, 'me', 'here', 1, 1)");
  connection.exec(
      "insert into dbtool.latency (run, version, direction, measure, seconds, looks, failed, time_limit) "
      "values (1, 20, 'upgrade', 'probe', 10, 20, 0, 0.05)");
  CHECK(ledger::read_probes(connection).size() == 1);
  CHECK(ledger::read_latency(connection, 1).size() == 1);
  // A role that every server has, so that none stays behind.
  connection.exec(
      "grant usage on schema dbtool to pg_monitor; grant select on dbtool.runs to pg_monitor; "
      "set role pg_monitor");
  CHECK(ledger::read_runs(connection, 1).size() == 1);
  CHECK(ledger::read_probes(connection).empty());
  CHECK(ledger::read_latency(connection, 1).empty());
  CHECK(ledger::read_steps(connection, 1).empty());
  CHECK(ledger::read_locks(connection, 1, 1).empty());
  CHECK(ledger::read_curve(connection, 1).empty());
  CHECK(ledger::windows_between(connection, 0, 1e10).empty());
  // Without knowing whether one is open nobody may begin.
  CHECK_THROWS_AS(ledger::current_window(connection), pg::PgError);
  CHECK(ledger::are_readable(connection, {"runs"}));
  CHECK_FALSE(ledger::are_readable(connection, {"runs", "locks"}));
  CHECK_FALSE(ledger::are_readable(connection, {"runs", "not_there"}));
  const std::vector<std::string> hidden = ledger::unreadable_tables(connection);
  CHECK(std::count(hidden.begin(), hidden.end(), "dbtool.locks") == 1);
  CHECK(std::count(hidden.begin(), hidden.end(), "dbtool.runs") == 0);
}

TEST_CASE("The newest probes of a version are kept, and those of its other direction", "[ledger]") {
  RunFixture fixture;
  pg::Connection connection = fixture.database.connect();
  const ledger::Session session = ledger::Session::from(Settings{});
  ledger::create(connection, session);
  ledger::record(connection, session, ledger::ProbeRecord{.version = 20, .direction = Direction::downgrade});
  ledger::record(connection, session, ledger::ProbeRecord{.version = 21});
  for (int rows = 1; rows <= 12; ++rows)
    ledger::record(connection, session, ledger::ProbeRecord{.version = 20, .rows = rows});
  CHECK(fixture.text("select string_agg(rows::text, ' ' order by made) from dbtool.probes "
                     "where version = 20 and direction = 'upgrade'") == "3 4 5 6 7 8 9 10 11 12");
  CHECK(ledger::read_probes(connection).size() == 3);
}
