// Signals of a whole server: each test has one of its own.

#include "online/throttle/throttle.h"

#include "test/database/online/throttle_support.h"

using namespace dbtool;
using namespace dbtool::online;
using namespace dbtool::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

OwnServer server_with(std::vector<std::string> settings) {
  pg::ServerOptions options;
  options.settings = std::move(settings);
  return OwnServer(options);
}

}  // namespace

TEST_CASE("Sessions that work, wait, and wait for our workers are told apart", "[online][throttle]") {
  OwnServer server;
  const std::string url = server->url();
  open(url).exec("create table t as select 1 as n");
  ThrottleSettings settings = nothing_watched();
  settings.active = 2;
  settings.waiting = 1;
  settings.blocked = 1ms;
  settings.transaction = 1ms;
  Watch watch(url, settings);
  Observation idle = watch.observe();
  CHECK(reading_of(idle, "active").text == "0 active sessions (limit 2)");
  CHECK(reading_of(idle, "waiting").load == 0);
  CHECK(reading_of(idle, "blocked").text == "no session waits for our locks");
  CHECK(reading_of(idle, "transaction").text == "no transaction is open");

  pg::Connection worker = open(url);
  pg::Connection service = open(url);
  worker.exec("begin; update t set n = 2");
  // Such as the run lock's transaction: open for hours, holds nothing back.
  pg::Connection harmless = open(url);
  harmless.exec("begin; select pg_advisory_xact_lock(1)");
  CHECK(watch.read("transaction").load > 0);
  watch.workers = {worker.backend_pid()};
  CHECK(watch.read("transaction").load == 0);

  std::thread waiter([&] { service.exec("update t set n = 3"); });
  Observation busy;
  const bool seen = eventually([&] {
    busy = watch.observe();
    // They are read one after the other: both must have seen it.
    return reading_of(busy, "blocked").is_loaded() && reading_of(busy, "waiting").load > 0;
  });
  const Observation other = [&] {
    watch.workers.clear();
    return watch.observe();
  }();
  worker.exec("rollback");
  waiter.join();
  REQUIRE(seen);
  CHECK_THAT(reading_of(busy, "blocked").text, Contains("1 session waits for our locks, longest "));
  CHECK(reading_of(busy, "active").load == 0.5);
  CHECK(reading_of(busy, "waiting").text == "1 waiting session (limit 1)");
  CHECK(reading_of(busy, "transaction").is_loaded());
  CHECK_THAT(reading_of(busy, "transaction").text, Contains("of user postgres"));
  // Whoever else holds the lock, it is not ours.
  CHECK(reading_of(other, "blocked").load == 0);
}

TEST_CASE("WAL is measured by its rate, and by what is left to the next checkpoint", "[online][throttle]") {
  OwnServer server =
      server_with({"max_wal_size=76MB", "min_wal_size=32MB", "checkpoint_completion_target=0.9"});
  const std::string url = server->url();
  open(url).exec("checkpoint");
  ThrottleSettings settings = nothing_watched();
  settings.wal = 10 << 20;
  settings.checkpoint = 10s;
  Watch watch(url, settings);
  CHECK(watch.observe().readings.empty());  // one look tells no rate
  write_wal(url, 10);
  const Observation observation = watch.observe();  // half a second later: 20 MB/s
  CHECK(reading_of(observation, "wal").load == Approx(2).epsilon(0.1));
  CHECK_THAT(reading_of(observation, "wal").text, Contains("WAL 20 MB a second (limit 10 MB)"));
  // One is forced each 40 MB: 30 are left, 1.5 s of them.
  CHECK(reading_of(observation, "checkpoint").load == Approx(10 / 1.5).epsilon(0.2));
  CHECK_THAT(reading_of(observation, "checkpoint").text, Contains("forced checkpoint in 1."));
  for (int look = 0; look < 20; ++look) watch.observe();
  CHECK(watch.read("wal").load < 0.1);
  CHECK(watch.read("checkpoint").load < 0.1);
}

TEST_CASE("WAL that a slot holds back is a signal", "[online][throttle]") {
  OwnServer server;
  const std::string url = server->url();
  ThrottleSettings settings = nothing_watched();
  settings.slots = 4 << 20;
  Watch watch(url, settings);
  CHECK(watch.observe().readings.empty());
  open(url).exec("select pg_create_physical_replication_slot('r2', true)");
  CHECK_FALSE(watch.read("slots").is_loaded());
  write_wal(url, 5);
  const Reading held = watch.read("slots");
  CHECK(held.is_loaded());
  CHECK(held.text == "unused slot r2 holds back 5 MB of WAL (limit 4 MB)");
}

TEST_CASE("WAL that is not archived is counted, with and without the right to list it",
          "[online][throttle]") {
  OwnServer server = server_with({"archive_mode=on", "archive_command=false"});
  const std::string url = server->url();
  open(url).exec("create role plain login");
  ThrottleSettings settings = nothing_watched();
  settings.archive = 3;
  Watch monitor(url, settings);
  Watch plain(server->url("postgres", "plain"), settings);
  CHECK(monitor.off.empty());
  CHECK(plain.off.empty());
  for (int file = 0; file < 3; ++file)
    open(url).exec("select pg_logical_emit_message(true, '', ''), pg_switch_wal()");
  for (Watch* watch : {&monitor, &plain}) {
    CHECK(eventually([&] {
      watch->clock.advance(2s);
      return watch->read("archive").is_loaded();
    }));
    CHECK(watch->read("archive").text == "3 WAL files not archived (limit 3)");
  }

  OwnServer archiving = server_with({"archive_mode=on", "archive_command=true"});
  open(archiving->url()).exec("create role plain login; select pg_switch_wal()");
  Watch well(archiving->url("postgres", "plain"), settings);
  CHECK(eventually([&] {
    const pg::Result archived = open(archiving->url()).query("select archived_count from pg_stat_archiver");
    return archived.integer(0, 0) > 0;
  }));
  CHECK_FALSE(well.read("archive").is_loaded());
}

TEST_CASE("The services' mean time is told from all other statements", "[online][throttle]") {
  OwnServer server = server_with({"shared_preload_libraries=pg_stat_statements"});
  const std::string url = server->url();
  open(url).exec("create extension pg_stat_statements; create role ci_queue login; create role other login");
  ThrottleSettings settings = nothing_watched();
  settings.latency = LatencySettings{10ms, {}};
  settings.wal = 1LL << 40;
  Watch watch(url, settings, {"", "ci"});
  CHECK(watch.off.empty());
  const auto run = [&](const std::string& user, const std::string& sql, int times) {
    pg::Connection connection = open(server->url("postgres", user));
    for (int time = 0; time < times; ++time) connection.query(sql);
    watch.clock.advance(1s);
    return watch.read("latency");
  };
  CHECK(run("ci_queue", "select 1", 5).load == -1);  // too few to tell
  CHECK(run("ci_queue", "select 1", 100).load < 1);
  CHECK(run("other", "select pg_sleep(0.1)", 20).load < 1);
  watch.clock.advance(1min);
  watch.observe();
  const Reading slow = run("ci_queue", "select pg_sleep(0.02)", 20);
  CHECK(slow.load >= 2);
  CHECK_THAT(slow.text, Contains("mean statement of the services ") && Contains("(limit 10 ms)"));

  // Named users take the place of those with the prefix.
  settings.latency->users = {"other"};
  Watch named(url, settings, {"", "ci"});
  named.observe();
  pg::Connection other = open(server->url("postgres", "other"));
  for (int time = 0; time < 12; ++time) other.query("select pg_sleep(0.02)");
  named.clock.advance(1s);
  CHECK(named.read("latency").is_loaded());

  // Lost in the middle of a round trip, it takes no other signal with it.
  open(url).exec("drop extension pg_stat_statements");
  watch.clock.advance(1s);
  const Observation lost = watch.observe();
  CHECK(reading_of(lost, "latency").lost);
  CHECK(reading_of(lost, "wal").load >= 0);
  CHECK_FALSE(reading_of(lost, "wal").lost);
  open(url).exec("create extension pg_stat_statements");
  CHECK_FALSE(watch.read("latency").lost);
}

TEST_CASE("An autovacuum against wraparound on the walked table stops everything", "[online][throttle]") {
  OwnServer server = server_with({"autovacuum=on", "autovacuum_naptime=1s"});
  const std::string url = server->url();
  pg::Connection connection = open(url);
  connection.exec(R"(
create role plain login;
create table big with (autovacuum_freeze_max_age = 100000, autovacuum_vacuum_cost_delay = 100,
                       autovacuum_vacuum_cost_limit = 1) as
  select repeat('x', 1000) as text from generate_series(1, 5000);
create table other as select * from big)");
  ThrottleSettings settings = nothing_watched();
  settings.vacuum = true;
  Watch watch(server->url("postgres", "plain"), settings, {"big", ""});
  Watch elsewhere(url, settings, {"other", ""});
  // Batches by functions: the tables are known when the first of them have run.
  Watch by_functions(url, settings);
  CHECK(by_functions.off.empty());
  CHECK(by_functions.read("vacuum").signal == "none");
  by_functions.tables = {"public.other", "public.big", "public.dropped"};
  CHECK(watch.off.empty());
  CHECK(watch.read("vacuum").text == "no autovacuum against wraparound");
  connection.exec(R"(
do $$ begin
  for i in 1 .. 100100 loop
    perform pg_current_xact_id();
    commit;
  end loop;
end $$)");
  CHECK(eventually([&] { return watch.read("vacuum").is_loaded(); }));
  const Reading reading = watch.read("vacuum");
  CHECK(reading.hard);
  CHECK_THAT(reading.text, Contains("autovacuum to prevent wraparound on big, pid "));
  CHECK_FALSE(elsewhere.read("vacuum").is_loaded());
  CHECK(eventually([&] { return by_functions.read("vacuum").is_loaded(); }));
  CHECK_THAT(by_functions.read("vacuum").text, Contains("on big, pid "));
  CHECK(connection
            .query("select count(*) from pg_stat_activity where query like 'autovacuum: %public.big (to "
                   "prevent wraparound)'")
            .integer(0, 0) == 1);
}
