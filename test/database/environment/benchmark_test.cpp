#include "environment/benchmark.h"

#include <algorithm>

#include "pg/error.h"
#include "test/support/catch.h"
#include "test/support/database.h"
#include "test/support/server.h"

using namespace dbtool;
using namespace dbtool::test;
using environment::Benchmark;
using environment::BenchmarkOptions;
using environment::run_benchmark;

namespace {

const Observer nobody = [](const Event&) {};
const InterruptCount never = [] { return 0; };

/// Two repetitions take a second; what the measurements are is not asked of these tests.
BenchmarkOptions short_one() {
  BenchmarkOptions options;
  options.repetitions = 2;
  return options;
}

/// Everything that a database holds, but for the system's own.
std::string contents(const Database& database) {
  return std::string(database
                         .exec(R"(
      select string_agg(what, E'\n' order by what) from (
        select 'schema ' || nspname as what from pg_namespace
         where nspname !~ '^pg_' and nspname <> 'information_schema'
        union all
        select 'relation ' || oid::regclass from pg_class where oid >= 16384
        union all
        select 'function ' || oid::regprocedure from pg_proc where oid >= 16384) x)")
                         .text(0, 0));
}

bool is_under_way(const Database& database) {
  return database.exec("select to_regclass('dbtool_benchmark.items') is not null").boolean(0, 0);
}

const Measure* find(const Benchmark& found, Work work) {
  const auto measure = std::find_if(found.measures.begin(), found.measures.end(),
                                    [&](const Measure& one) { return one.work == work; });
  return measure == found.measures.end() ? nullptr : &*measure;
}

}  // namespace

TEST_CASE("A benchmark measures every kind of work some times over and leaves nothing behind",
          "[environment]") {
  const Database database;
  const std::string before = contents(database);
  SystemClock clock;
  const Benchmark found = run_benchmark({.url = database.owner_url()}, short_one(), clock, nobody, never);
  for (const Work work : {Work::scan_warm, Work::write, Work::index_build, Work::cpu, Work::commit}) {
    INFO(static_cast<int>(work));
    const Measure* measure = find(found, work);
    REQUIRE(measure != nullptr);
    CHECK(measure->values.size() == 2);
    CHECK(std::all_of(measure->values.begin(), measure->values.end(), [](double v) { return v > 0; }));
    CHECK_FALSE(measure->unit.empty());
  }
  CHECK(std::count_if(found.measures.begin(), found.measures.end(),
                      [](const Measure& one) { return one.work == Work::cpu; }) == 2);
  // An empty database has nothing to read cold, and it is said.
  CHECK(find(found, Work::scan_cold) == nullptr);
  REQUIRE(found.remarks.size() == 1);
  CHECK_THAT(found.remarks[0], Catch::Contains("no table is larger than 32 MB"));
  CHECK(found.wal_bytes > 10'000'000);
  CHECK(contents(database) == before);
}

TEST_CASE("What does not fit into shared_buffers is read cold", "[environment]") {
  OwnServer server({.settings = {"shared_buffers=16MB"}});
  pg::Connection connection = pg::Connection::open({.url = server->url()});
  connection.exec("create table large as select i, repeat('x', 1000) from generate_series(1, 50000) i");
  SystemClock clock;
  const Benchmark found = run_benchmark(connection.address(), short_one(), clock, nobody, never);
  const Measure* measure = find(found, Work::scan_cold);
  REQUIRE(measure != nullptr);
  CHECK_FALSE(measure->values.empty());
  CHECK_THAT(found.remarks.back(),
             Catch::Contains("whether the system had them in its cache cannot be known"));
}

TEST_CASE("A benchmark that is stopped or fails leaves nothing behind either", "[environment]") {
  const Database database;
  const std::string before = contents(database);
  SystemClock clock;
  SECTION("stopped") {
    const InterruptCount once_under_way = [&] { return is_under_way(database) ? 1 : 0; };
    try {
      run_benchmark({.url = database.owner_url()}, short_one(), clock, nobody, once_under_way);
      FAIL("it was not stopped");
    } catch (const Error& error) {
      CHECK(error.exit_code() == ExitCode::stopped);
    }
  }
  SECTION("its connection is lost") {
    bool ended = false;
    const InterruptCount end_backend = [&] {
      if (!ended && is_under_way(database)) {
        ended = true;
        database.exec(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dbtool "
            "benchmark' and datname = current_database()");
      }
      return 0;
    };
    CHECK_THROWS_AS(run_benchmark({.url = database.owner_url()}, short_one(), clock, nobody, end_backend),
                    pg::PgError);
    CHECK(ended);
  }
  CHECK(contents(database) == before);
}

TEST_CASE("What a killed benchmark has left is removed, and nothing that is not its own", "[environment]") {
  const Database database;
  const std::string before = contents(database);
  SystemClock clock;
  pg::Connection owner = pg::Connection::open({.url = database.owner_url()});
  owner.exec("create schema dbtool_benchmark; create table dbtool_benchmark.items (id integer)");
  CHECK_THROWS_WITH(run_benchmark(owner.address(), short_one(), clock, nobody, never),
                    Catch::Contains("no benchmark has made"));
  CHECK(is_under_way(database));
  owner.exec("comment on schema dbtool_benchmark is 'of a dbtool benchmark; may be dropped'");
  std::vector<std::string> told;
  const Observer listener = [&](const Event& event) {
    if (const auto* message = std::get_if<Message>(&event)) told.push_back(message->text);
  };
  run_benchmark(owner.address(), short_one(), clock, listener, never);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Catch::Contains("removing schema dbtool_benchmark"));
  CHECK(contents(database) == before);
}

TEST_CASE("A benchmark ends in time on a slow server, and says what it lacks", "[environment]") {
  const Database database;
  const std::string before = contents(database);
  SystemClock clock;
  BenchmarkOptions options = short_one();
  SECTION("its time is over") {
    options.time_limit = std::chrono::milliseconds(0);
    const Benchmark found = run_benchmark({.url = database.owner_url()}, options, clock, nobody, never);
    CHECK(found.measures.empty());
    CHECK_THAT(found.remarks.front(), Catch::Contains("not all repetitions were made"));
    CHECK(contents(database) == before);
  }
  SECTION("one of its statements takes too long") {
    database.exec(R"(
        create function dawdle() returns event_trigger language plpgsql as 'begin perform pg_sleep(60); end';
        create event trigger dawdle on ddl_command_end when tag in ('CREATE TABLE') execute function dawdle())");
    options.statement_limit = std::chrono::seconds(2);
    CHECK_THROWS_WITH(run_benchmark({.url = database.owner_url()}, options, clock, nobody, never),
                      Catch::Contains("too busy to be measured"));
    CHECK_FALSE(database.exec("select to_regnamespace('dbtool_benchmark') is not null").boolean(0, 0));
  }
}

TEST_CASE("Two benchmarks do not measure each other", "[environment]") {
  const Database database;
  pg::Connection other = database.connect();
  other.exec("select pg_advisory_lock(1684173873, 2147483646)");
  SimulatedClock clock;
  try {
    run_benchmark({.url = database.owner_url()}, short_one(), clock, nobody, never);
    FAIL("it began");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::busy);
    CHECK_THAT(error.what(), Catch::Contains(std::to_string(other.backend_pid())));
  }
}

TEST_CASE("Who may not make a schema is told so", "[environment]") {
  Database database;
  const std::string user = database.create_role("guest");
  SystemClock clock;
  CHECK_THROWS_WITH(run_benchmark({.url = database.url(user)}, short_one(), clock, nobody, never),
                    Catch::Contains(user + " may not make the benchmark's schema"));
}
