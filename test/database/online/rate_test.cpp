#include "test/database/online/stopping.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// Version 2 moves `source`; each row needs its `detail`, found by an index.
void write_rated(const RunFixture& fixture, const std::string& more_of_online) {
  fixture.write_scripts(1,
                        "begin\n  create table source (k int primary key, v text);\n"
                        "  create table detail (k int, v text);\n"
                        "  insert into source select i, 'v' from generate_series(1, 60000) i;\n"
                        "  insert into detail select i, 'd' from generate_series(1, 60000) i;\n"
                        "  create index detail_k on detail (k);\nend",
                        "begin\n  drop table source, detail;\nend");
  fixture.write_scripts(2,
                        "begin\n  create table copy (k int primary key, v text);\n" + more_of_online + "end",
                        "begin\n  drop table copy;\nend");
}

const std::string declared_online =
    "online:\n  migration:\n    table: source\n    key: [k]\n    batch: |-\n"
    "      insert into copy select e.k, (select d.v from detail d where d.k = e.k limit 1)\n"
    "      from source e where $range:e$ for update of e on conflict do nothing\n"
    "    complete: select (select count(*) from source) = (select count(*) from copy)\nmethods: {}";

void write_declared_rated(const RunFixture& fixture) {
  write_rated(fixture, "");
  fixture.write_scripts(2, "begin\n  create table copy (k int primary key, v text);\nend",
                        "begin\n  drop table copy;\nend", declared_online);
}

bool has(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

/// Runs `cause` when so many batches are done, and stops the run when a collapse is told.
void collapse_by(RunFixture& fixture, int batches, const std::function<void()>& cause) {
  fixture.online.batch_time = std::chrono::milliseconds(10);
  fixture.on_event = [&fixture, batches, cause,
                      done = std::make_shared<std::atomic<int>>(0)](const Event& event) {
    if (std::holds_alternative<BatchDone>(event) && ++*done == batches) cause();
    if (std::holds_alternative<RateCollapsed>(event)) fixture.interrupts = 1;
  };
}

/// The collapse that is told of the run to version 2, which it stops.
RateCollapsed collapse_of(RunFixture& fixture) {
  try {
    fixture.upgrade(2);
    FAIL("nothing was told");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::stopped);
  }
  const std::vector<RateCollapsed> told = fixture.events_of<RateCollapsed>();
  REQUIRE(told.size() == 1);
  CHECK(told.front().version == 2);
  CHECK(told.front().rows_per_second * 4 < told.front().usual_rows_per_second);
  return told.front();
}

/// Batches committed between the one that saw the cause and the notice.
int batches_until_told(const RunFixture& fixture, int cause) {
  int batches = 0;
  for (const Event& event : fixture.events) {
    if (std::holds_alternative<RateCollapsed>(event)) break;
    if (std::holds_alternative<BatchDone>(event)) ++batches;
  }
  return batches - cause;
}

}  // namespace

TEST_CASE("A lost index is told of within ten batches, with both plans", "[online][rate][slow]") {
  RunFixture fixture;
  write_declared_rated(fixture);
  fixture.upgrade(1);
  fixture.database.exec("analyze");
  fixture.events.clear();
  collapse_by(fixture, 25, [&] { fixture.database.exec("drop index detail_k"); });
  const RateCollapsed told = collapse_of(fixture);
  // It is decided within ten (see the unit tests of the watch); more are committed on a busy machine while
  // the leading thread waits for its turn and asks the database.
  CHECK(batches_until_told(fixture, 25) <= 40);
  CHECK(has(told.reasons, "the plan of the batch is another than at the start"));
  CHECK(has(told.first_plan, "using detail_k on detail"));
  CHECK(has(told.plan, "Seq Scan on detail"));
  CHECK(has(told.plan, "Insert on copy"));
  CHECK(told.blockers.empty());
  const auto detail = std::find_if(told.tables.begin(), told.tables.end(),
                                   [](const TableState& table) { return table.name == "detail"; });
  REQUIRE(detail != told.tables.end());
  CHECK(detail->live_rows == 60'000);
  CHECK_FALSE(detail->last_analyze.empty());
  // Another terminal sees it too.
  const std::string note = fixture.text("select note from dbtool.online");
  CHECK(note.find("the rate has collapsed") != std::string::npos);
  CHECK(note.find("plan: ") != std::string::npos);
}

TEST_CASE("A session that blocks the batches is named", "[online][rate][slow]") {
  RunFixture fixture;
  write_declared_rated(fixture);
  fixture.upgrade(1);
  fixture.events.clear();
  pg::Connection service = fixture.database.connect();
  collapse_by(fixture, 25, [&] {
    // A batch is under way: the lock is had when it is committed.
    service.exec("begin; lock table copy in access exclusive mode");
  });
  const RateCollapsed told = collapse_of(fixture);
  CHECK(has(told.reasons, "batches wait for pid " + std::to_string(service.backend_pid())));
  REQUIRE(told.blockers.size() == 1);
  CHECK(told.blockers.front().state == "idle in transaction");
  CHECK(told.blockers.front().query.find("lock table copy") != std::string::npos);
  service.exec("rollback");
  fixture.interrupts = 0;
  fixture.on_event = {};
  CHECK(fixture.upgrade(2) == 2);
}

TEST_CASE("Of batches by functions it says what can be seen from outside", "[online][rate][slow]") {
  RunFixture fixture;
  write_rated(
      fixture,
      "  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb) returns table "
      "(count integer, state jsonb) as $f$\n"
      "  declare last integer := coalesce((state_in->>'last')::integer, 0); moved integer; reached integer;\n"
      "  begin\n"
      "    with rows as (select k from source where k > last order by k limit batch_size_in),\n"
      "         put as (insert into copy select r.k, (select d.v from detail d where d.k = r.k limit 1)\n"
      "                   from rows r on conflict do nothing)\n"
      "    select count(*), max(k) into moved, reached from rows;\n"
      "    return query select moved, jsonb_build_object('last', coalesce(reached, last));\n"
      "  end $f$ language plpgsql;\n"
      "  create function online_migration_v2_is_complete() returns boolean as $f$\n"
      "  begin return (select count(*) from source) = (select count(*) from copy); end $f$ language "
      "plpgsql;\n");
  fixture.upgrade(1);
  fixture.database.exec("analyze");
  fixture.events.clear();
  collapse_by(fixture, 25, [&] { fixture.database.exec("drop index detail_k"); });
  const RateCollapsed told = collapse_of(fixture);
  CHECK(told.plan.empty());
  CHECK(has(told.reasons, "the plans within online_migration_v2_batch are not to be had"));
  CHECK(has(told.reasons, "rows of tables for each one that it handles"));
  for (const char* name : {"source", "copy", "detail"})
    CHECK(std::any_of(told.tables.begin(), told.tables.end(),
                      [&](const TableState& table) { return table.name == name; }));
}

TEST_CASE("A steady run tells of no collapse, and a throttled one neither", "[online][rate][slow]") {
  RunFixture fixture;
  write_declared_rated(fixture);
  fixture.upgrade(2);
  CHECK(fixture.events_of<RateCollapsed>().empty());
}

TEST_CASE("The tables that a function touches are watched for vacuums against wraparound",
          "[online][throttle]") {
  RunFixture fixture;
  write_rated(
      fixture,
      "  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb) returns table "
      "(count integer, state jsonb) as $f$\n"
      "  declare last integer := coalesce((state_in->>'last')::integer, 0);\n  begin\n"
      "    insert into copy select k, v from source where k > last and k <= last + 5 on conflict do "
      "nothing;\n"
      "    perform pg_sleep(0.01);\n"
      "    return query select 5, jsonb_build_object('last', last + 5);\n"
      "  end $f$ language plpgsql;\n"
      "  create function online_migration_v2_is_complete() returns boolean as $f$\n"
      "  begin return false; end $f$ language plpgsql;\n");
  fixture.on_event = [&](const Event& event) {
    const auto* pulse = std::get_if<OnlinePulse>(&event);
    if (pulse == nullptr) return;
    for (const SignalState& signal : pulse->signals)
      if (signal.name == "vacuum") fixture.interrupts = 1;
  };
  expect_stopped(fixture, Direction::upgrade, 2);
}
