#include "ledger/latency.h"
#include "test/database/online/stopping.h"
#include "test/database/online/throttle_support.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"
#include "test/support/proxy.h"

#include <atomic>
#include <set>

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// Batches that copy by key, with the position in the state; `key` is the state's key that the function
/// reads.
std::string batch_functions(const std::string& name, const std::string& source, const std::string& copy,
                            const std::string& read_key) {
  return "  create function " + name +
         "_batch(batch_size_in integer, state_in jsonb) returns table (count integer, state jsonb) as $f$\n"
         "  declare\n    last integer := coalesce((state_in->>'" +
         read_key +
         "')::integer, 0);\n    moved integer;\n    reached integer;\n"
         "  begin\n"
         "    with rows as (select id from " +
         source +
         " where id > last order by id limit batch_size_in),\n"
         "         put as (insert into " +
         copy +
         " select id from rows on conflict do nothing)\n"
         "    select count(*), max(id) into moved, reached from rows;\n"
         "    return query select moved, jsonb_build_object('last', coalesce(reached, last));\n"
         "  end $f$ language plpgsql;\n"
         "  create function " +
         name +
         "_is_complete() returns boolean as $f$\n"
         "  begin return not exists (select from " +
         source + " s where not exists (select from " + copy +
         " c where c.id = s.id)); end\n"
         "  $f$ language plpgsql;\n";
}

void write_two(const RunFixture& fixture, const std::string& read_key = "last") {
  fixture.write_scripts(1,
                        "begin\n  create table source (id int primary key);\n  insert into source select "
                        "generate_series(1, 3000);\nend",
                        "begin\n  drop table source;\nend");
  fixture.write_scripts(2,
                        "begin\n  create table if not exists copy (id int primary key);\n" +
                            batch_functions("online_migration_v2", "source", "copy", read_key) + "end",
                        "begin\n" + batch_functions("online_downgrade_v2", "copy", "source", "last") + "end");
}

}  // namespace

TEST_CASE("An online migration by functions is carried to its end", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "3000");
  CHECK_FALSE(fixture.exists("public.online_migration_v2_batch"));
  CHECK_FALSE(fixture.exists("public.online_migration_v2_is_complete"));
  CHECK(fixture.text("select count(*) from dbtool.online") == "0");
  CHECK(fixture.downgrade(1) == 1);
  CHECK_FALSE(fixture.exists("public.online_downgrade_v2_batch"));
}

TEST_CASE("The ledger says when the online part of a step began, not when its last transaction did",
          "[online]") {
  RunFixture fixture;
  write_two(fixture);
  std::string first_batch;
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<BatchDone>(event) && first_batch.empty())
      first_batch = fixture.text("select clock_timestamp()");
  };
  fixture.upgrade(2);
  REQUIRE_FALSE(first_batch.empty());
  CHECK(fixture.text("select started < '" + first_batch + "' and finished > '" + first_batch +
                     "' from dbtool.steps where outcome = 'online part done'") == "t");
}

TEST_CASE("Progress of an online migration knows how much there is to move", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  fixture.upgrade(1);
  // What a backend counted comes when it ends, and would be added to what is counted here.
  REQUIRE(eventually([&] {
    return fixture.text(
               "select count(*) from pg_stat_activity where datname = current_database() and pid <> "
               "pg_backend_pid()") == "0";
  }));
  const char* const forget_counts = "select pg_stat_reset_single_table_counters('source'::regclass)";
  SECTION("by the planner's count") {
    fixture.database.exec("analyze source");
    fixture.database.exec(forget_counts);
    fixture.upgrade(2);
    for (const BatchDone& batch : fixture.events_of<BatchDone>()) CHECK(batch.rows_total == 3000);
  }
  SECTION("unless it is seen to be too small") {
    fixture.database.exec("update pg_class set reltuples = 100 where oid = 'source'::regclass");
    fixture.database.exec(forget_counts);
    fixture.upgrade(2);
    const std::vector<BatchDone> batches = fixture.events_of<BatchDone>();
    REQUIRE_FALSE(batches.empty());
    CHECK_FALSE(batches.back().rows_total.has_value());
  }
}

TEST_CASE("An online migration goes on where it was, not from the start", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  stop_after(fixture, 3);
  expect_stopped(fixture, Direction::upgrade, 2);
  const int moved = std::stoi(fixture.text("select max(rows) from dbtool.checkpoints"));
  CHECK(moved > 0);
  CHECK(moved < 3000);
  CHECK(fixture.version() == 2);
  // Rows below the position are not looked at again: one that is missing there is found by the next pass
  // only.
  CHECK(fixture.upgrade(2) == 2);
  std::int64_t moved_again = 0;
  for (const BatchDone& batch : fixture.events_of<BatchDone>()) moved_again += batch.rows;
  CHECK(moved + moved_again == 3000);
}

TEST_CASE("An online migration that an older ledger knows of goes on where it was", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  stop_after(fixture, 3);
  expect_stopped(fixture, Direction::upgrade, 2);
  // The ledger as format 1 had it.
  fixture.database.exec(
      "alter table dbtool.online add state jsonb default '{}', add batches bigint not null default 0, add "
      "batch_size integer; "
      "update dbtool.online o set state = c.state, batches = c.batch, batch_size = c.size, rows_done = "
      "c.rows "
      "  from (select * from dbtool.checkpoints order by batch desc limit 1) c; "
      "alter table dbtool.online drop declared, drop phase, drop pass, drop rows_total, drop workers, drop "
      "rate, drop note, drop walked; "
      "alter table dbtool.positions drop turned; "
      "drop table dbtool.ranges, dbtool.checkpoints, dbtool.control, dbtool.curve, dbtool.windows, "
      "dbtool.forecasts, dbtool.samples, dbtool.locks, dbtool.failed_steps, dbtool.latency, dbtool.probes; "
      "update dbtool.ledger set format = 1");
  const int moved = std::stoi(fixture.text("select rows_done from dbtool.online"));
  CHECK(moved > 0);
  CHECK(moved < 3000);
  SECTION("on") {
    CHECK(fixture.upgrade(2) == 2);
    std::int64_t rest = 0;
    for (const BatchDone& batch : fixture.events_of<BatchDone>()) rest += batch.rows;
    CHECK(moved + rest == 3000);
    CHECK(fixture.events_of<BatchDone>().back().rows_done == 3000);
    CHECK(fixture.text("select count(*) from copy") == "3000");
  }
  SECTION("back") {
    CHECK(fixture.downgrade(1) == 1);
    CHECK(fixture.text("select count(*) from source") == "3000");
  }
  CHECK(fixture.text("select format from dbtool.ledger") == std::to_string(ledger::format));
}

TEST_CASE("An unfinished online migration is turned round, from either side", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  stop_after(fixture, 3);
  expect_stopped(fixture, Direction::upgrade, 2);
  SECTION("down at once") {
    CHECK(fixture.downgrade(1) == 1);
    CHECK_FALSE(fixture.exists("public.online_migration_v2_batch"));
    CHECK_FALSE(fixture.exists("public.online_downgrade_v2_batch"));
    CHECK(fixture.text("select count(*) from source") == "3000");
  }
  SECTION("down, and up again from half way") {
    fixture.database.exec("insert into copy select generate_series(4000, 9000)");
    stop_after(fixture, 2);
    expect_stopped(fixture, Direction::downgrade, 1);
    CHECK(fixture.version() == 1);
    CHECK(fixture.exists("public.online_downgrade_v2_batch"));
    CHECK(fixture.upgrade(2) == 2);
    CHECK_FALSE(fixture.exists("public.online_downgrade_v2_batch"));
    CHECK_FALSE(fixture.exists("public.online_migration_v2_batch"));
  }
  SECTION("the version it is at finishes it") {
    CHECK(fixture.upgrade(2) == 2);
    CHECK(fixture.text("select count(*) from copy") == "3000");
  }
}

TEST_CASE("The online part is put off on wish", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  fixture.write_scripts(3, "begin\n  create table later (id int);\nend", "begin\n  drop table later;\nend");
  fixture.defer_online = true;
  CHECK(fixture.upgrade(3) == 2);
  CHECK(fixture.text("select count(*) from copy") == "0");
  CHECK(fixture.upgrade(3) == 2);
  fixture.defer_online = false;
  CHECK(fixture.upgrade(3) == 3);
  CHECK(fixture.text("select count(*) from copy") == "3000");
}

TEST_CASE("A version that changes methods only may come on top of an unfinished one", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  fixture.write_version(
      3,
      "methods:\n  fix:\n    description: mended\n    mode: read\n    serviceName: queue\n    args: ''\n"
      "    returns: integer\n    body: begin return 3; end");
  fixture.write_scripts(4, "begin\n  create table later (id int);\nend", "begin\n  drop table later;\nend");
  stop_after(fixture, 2);
  expect_stopped(fixture, Direction::upgrade, 2);
  fixture.defer_online = true;
  CHECK(fixture.upgrade(4) == 3);
  CHECK(fixture.text("select fix()") == "3");
  fixture.defer_online = false;
  const int before = std::stoi(fixture.text("select count(*) from copy"));
  CHECK(before < 3000);
  SECTION("then it goes on") {
    stop_after(fixture, 1);
    expect_stopped(fixture, Direction::upgrade, 4);
    CHECK(fixture.version() == 3);
    CHECK(std::stoi(fixture.text("select count(*) from copy")) > before);
    CHECK(fixture.upgrade(4) == 4);
    CHECK(fixture.text("select count(*) from copy") == "3000");
  }
  SECTION("or both are taken back") {
    CHECK(fixture.downgrade(1) == 1);
    CHECK_FALSE(fixture.exists("public.online_migration_v2_batch"));
    CHECK(fixture.text("select count(*) from dbtool.online") == "0");
  }
  SECTION("or the fix alone") {
    CHECK(fixture.downgrade(2) == 2);
    CHECK(fixture.text("select count(*) from copy") == "3000");
  }
}

TEST_CASE("A batch that scans from the start every time is found out", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  fixture.write_scripts(2,
                        "begin\n  create table copy (id int primary key);\n"
                        "  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb) "
                        "returns table (count integer, state jsonb) as $f$\n"
                        "  declare moved integer;\n  begin\n"
                        "    with rows as (select id from source s where not exists (select from copy c "
                        "where c.id = s.id) order by id limit 20),\n"
                        "         put as (insert into copy select id from rows)\n"
                        "    select count(*) into moved from rows;\n"
                        "    return query select moved, jsonb_build_object('at', clock_timestamp());\n  end "
                        "$f$ language plpgsql;\n"
                        "  create function online_migration_v2_is_complete() returns boolean as $f$\n"
                        "  begin return not exists (select id from source except select id from copy); end "
                        "$f$ language plpgsql;\nend",
                        "begin\n  drop table copy;\nend");
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("scans from the start"));
  CHECK(fixture.version() == 2);
  CHECK(std::stoi(fixture.text("select count(*) from copy")) > 0);
}

TEST_CASE("One that moves and deletes may return no state, which only warns", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  const std::string state = GENERATE("null::jsonb", "state_in");
  fixture.write_scripts(2,
                        "begin\n  create table copy (id int primary key);\n"
                        "  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb) "
                        "returns table (count integer, state jsonb) as $f$\n"
                        "  declare moved integer;\n  begin\n"
                        "    with rows as (delete from source where id in (select id from source order by id "
                        "limit batch_size_in) returning id),\n"
                        "         put as (insert into copy select id from rows)\n"
                        "    select count(*) into moved from rows;\n"
                        "    return query select moved, " +
                            state +
                            ";\n  end $f$ language plpgsql;\n"
                            "  create function online_migration_v2_is_complete() returns boolean as $f$\n"
                            "  begin return not exists (select from source); end $f$ language plpgsql;\nend",
                        "begin\n  insert into source select id from copy;\n  drop table copy;\nend");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "3000");
  CHECK(fixture.was_told("state"));
}

TEST_CASE("An online migration that another tool began is adopted", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  fixture.defer_online = true;
  fixture.upgrade(2);
  fixture.database.exec(
      "create table kept as select version from dbtool.version; drop schema dbtool cascade; create schema "
      "dbtool; "
      "create table dbtool.version (version integer not null); insert into dbtool.version select version "
      "from kept");
  fixture.defer_online = false;
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "3000");
  CHECK_FALSE(fixture.exists("public.online_migration_v2_batch"));
}

TEST_CASE("A batch fails: nothing of it stays, what was committed does", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  fixture.upgrade(1);
  fixture.database.exec(
      "create function poison() returns trigger as $$ begin if new.id = 2000 then raise exception 'poison'; "
      "end if; "
      "return new; end $$ language plpgsql");
  fixture.on_event = [&](const Event& event) {
    const auto* step = std::get_if<StepStarted>(&event);
    if (step != nullptr && step->kind == "online")
      fixture.database.exec(
          "create trigger poison before insert on copy for each row execute function poison()");
  };
  try {
    fixture.upgrade(2);
    FAIL("the poison was swallowed");
  } catch (const run::StepError& error) {
    CHECK_THAT(error.what(), Catch::Contains("poison"));
    CHECK_THAT(error.facts().state, Catch::Contains("DATABASE IS AT 2") && Catch::Contains("unfinished"));
  }
  CHECK(fixture.text(
            "select (select max(id) from copy) = max((state->>'last')::int) from dbtool.checkpoints") == "t");
  fixture.on_event = {};
  fixture.database.exec("drop trigger poison on copy");
  CHECK(fixture.upgrade(2) == 2);
}

TEST_CASE("A batch that ends its own connection is not repeated for ever", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  fixture.upgrade(1);
  fixture.write_scripts(
      2,
      "begin\n  create table copy (id int primary key);\n"
      "  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb)\n"
      "  returns table (count integer, state jsonb) as $f$\n"
      "  begin\n    perform pg_terminate_backend(pg_backend_pid());\n"
      "    perform pg_sleep(1);\n    return query select 1, state_in;\n  end $f$ language plpgsql;\n"
      "  create function online_migration_v2_is_complete() returns boolean language sql as 'select false';\n"
      "end",
      "begin\n  drop table copy;\nend");
  try {
    fixture.upgrade(2);
    FAIL("it went on");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::failed);
    CHECK_THAT(error.what(), Catch::Contains("has lost its connection 6 times in a row"));
  }
  CHECK(fixture.text("select count(*) from dbtool.online") == "1");
}

TEST_CASE("The answer to the COMMIT of a batch is lost: no row is moved twice, none is left", "[online]") {
  RunFixture fixture;
  write_two(fixture);
  fixture.upgrade(1);
  Proxy proxy(fixture.database.url());
  std::atomic<int> commits{0};
  // Commits: run begun, version 2, what there is to do, is it complete, wishes, notes, batches, the end.
  const int which = GENERATE(range(3, 13));
  const Proxy::Fate fate = GENERATE(Proxy::Fate::drop, Proxy::Fate::lose_answer);
  proxy.on_request([&](std::string_view bytes) {
    return holds_statement(bytes, "commit") && ++commits == which ? fate : Proxy::Fate::pass;
  });
  CHECK(fixture.upgrade(2, proxy.url()) == 2);
  CHECK(proxy.cuts() == 1);
  CHECK(fixture.text("select count(*) from copy") == "3000");
  CHECK(fixture.events_of<BatchDone>().back().rows_done == 3000);
  CHECK(fixture.text("select count(*) from dbtool.online") == "0");
}

TEST_CASE("A script that only speaks of the functions has no online part", "[online]") {
  RunFixture fixture;
  fixture.write_scripts(
      1, "begin\n  -- online_migration_v1_batch came too late\n  create table one (id int);\nend",
      "begin\n  drop table one;\nend");
  CHECK(fixture.upgrade(1) == 1);
  CHECK(fixture.upgrade(1) == 1);
}

TEST_CASE("How long the services wait while rows are moved is kept", "[online][throttle]") {
  RunFixture fixture;
  write_two(fixture);
  // Batches go on when the probe has begun twice: the first time that it took is known then.
  const std::string mark = "latency of " + fixture.database.name();
  fixture.settings.throttle.probe = ProbeSettings{"select '" + mark + "'", std::chrono::seconds(1)};
  pg::Connection watch = fixture.database.connect();
  std::set<std::string> begun;
  fixture.on_event = [&](const Event& event) {
    if (!std::holds_alternative<BatchDone>(event)) return;
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (begun.size() < 2 && std::chrono::steady_clock::now() < limit) {
      const pg::Result probe = watch.query(
          "select query_start from pg_stat_activity where datname = current_database() and query = $1",
          {"select '" + mark + "'"});
      if (probe.rows() > 0) begun.emplace(probe.text(0, 0));
    }
  };
  CHECK(fixture.upgrade(2) == 2);
  const auto latency = ledger::read_latency(watch, 1);
  REQUIRE_FALSE(latency.empty());
  CHECK(latency.size() < 10);
  const ledger::LatencyRecord& first = latency.front();
  CHECK(first.version == 2);
  CHECK(first.direction == Direction::upgrade);
  CHECK(first.measure == "probe");
  CHECK(first.looks + first.failed > 0);
  CHECK(first.median.value() > 0);
  CHECK(first.worst.value() >= first.median.value());
  CHECK(first.limit == 1);
  CHECK(first.began >= -0.1);
}
