#include "window/sampler.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include "test/support/catch.h"
#include "test/support/database.h"
#include "test/support/server.h"

namespace dbtool {

namespace {

using namespace std::chrono_literals;

pg::Address address_of(const std::string& url) {
  pg::Address address;
  address.url = url;
  return address;
}

/// Runs SQL on a connection and thread of its own.
class Background {
 public:
  Background(pg::Connection connection, std::string sql)
      : connection_(std::move(connection)), thread_([this, sql = std::move(sql)] {
          connection_.exec(sql);
          done_ = true;
        }) {}
  ~Background() { thread_.join(); }
  bool is_done() const { return done_; }

 private:
  pg::Connection connection_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// Looks until it is as asked, or the work is over.
std::optional<window::Sample> look_until(window::Sampler& sampler,
                                         const std::function<bool(const window::Sample&)>& as_asked) {
  for (int look = 0; look < 2000; ++look) {
    const std::optional<window::Sample> sample = sampler.look();
    if (sample && as_asked(*sample)) return sample;
    std::this_thread::sleep_for(5ms);
  }
  return std::nullopt;
}

std::int64_t wal_position(const test::Database& database) {
  return database.exec("select (pg_current_wal_insert_lsn() - '0/0')::bigint").integer(0, 0);
}

}  // namespace

TEST_CASE("what an open transaction writes is told from what others write and commit", "[window][sampler]") {
  test::OwnServer server;  // whose log nobody else writes
  const test::Database database({}, server->url());
  database.exec("create table own (n int, text text); create table others (n int, text text)");
  database.exec("grant insert on own to " + database.owner());
  SystemClock clock;
  pg::Connection worker = database.connect(database.owner());
  worker.exec("begin");
  window::Sampler sampler(address_of(database.owner_url()), clock);
  sampler.begin(worker.backend_pid());
  const std::int64_t began = wal_position(database);
  worker.exec("insert into own select n, repeat('x', 200) from generate_series(1, 100000) n");
  const std::int64_t own = wal_position(database) - began;
  for (int round = 0; round < 20; ++round)
    database.exec("insert into others select n, repeat('y', 200) from generate_series(1, 10000) n");
  CHECK(wal_position(database) - began > 2 * own);
  const auto near = [&](std::int64_t bytes) {
    return static_cast<double>(bytes) > 0.93 * static_cast<double>(own) &&
           static_cast<double>(bytes) < 1.07 * static_cast<double>(own);
  };
  // What a session has written is told within seconds of its end.
  const auto sample = look_until(sampler, [&](const window::Sample& it) { return near(it.wal_bytes); });
  REQUIRE(sample);
  CHECK(sample->wal_bytes_others > own);
  CHECK(sample->wal_bytes_least <= sample->wal_bytes);
  CHECK(sampler.tells_own_wal());
  CHECK(sample->wait == "Client:idle in transaction");
  // The end of the transaction takes nothing back.
  worker.exec("commit");
  const window::Sample end = sampler.end();
  CHECK(end.wal_bytes >= sample->wal_bytes);
}

TEST_CASE("another's open transaction leaves in doubt whose the log is", "[window][sampler]") {
  test::OwnServer server;  // whose log nobody else writes
  const test::Database database({}, server->url());
  database.exec("create table own (n int, text text); create table others (n int, text text)");
  database.exec("grant insert on own to " + database.owner());
  SystemClock clock;
  pg::Connection worker = database.connect(database.owner());
  worker.exec("begin; insert into own values (1)");
  window::Sampler sampler(address_of(database.owner_url()), clock);
  sampler.begin(worker.backend_pid());
  worker.exec("insert into own select n, repeat('x', 200) from generate_series(1, 50000) n");
  const auto before = sampler.look();
  REQUIRE(before);
  std::optional<pg::Connection> other = database.connect();
  other->exec("begin; insert into others select n, repeat('y', 200) from generate_series(1, 100000) n");
  const auto during = sampler.look();
  REQUIRE(during);
  CHECK(during->wal_bytes > 2 * before->wal_bytes);
  CHECK(during->wal_bytes_least < before->wal_bytes + before->wal_bytes / 2);
  other->exec("commit");
  other.reset();  // a session that goes tells at once what it wrote
  const auto after = look_until(sampler, [&](const window::Sample& it) {
    return it.wal_bytes < before->wal_bytes + before->wal_bytes / 4;
  });
  CHECK(after);
}

TEST_CASE("a look tells statement, wait, locks and who waits", "[window][sampler]") {
  const test::Database database;
  database.exec("create schema \"Odd\"; create table \"Odd\".t (n int); create table u (n int)");
  SystemClock clock;
  pg::Connection worker = database.connect(database.owner());
  window::Sampler sampler(address_of(database.owner_url()), clock);
  database.exec(
      fmt::format("alter table \"Odd\".t owner to {0}; alter table u owner to {0}; "
                  "grant usage on schema \"Odd\" to {0}",
                  database.owner()));
  worker.exec("begin; lock table \"Odd\".t in access exclusive mode; insert into u values (1)");
  sampler.begin(worker.backend_pid());
  auto sample = sampler.look();
  REQUIRE(sample);
  REQUIRE(sample->locks.size() == 1);
  CHECK(sample->locks[0].table == "\"Odd\".t");
  CHECK(sample->locks[0].mode == "AccessExclusiveLock");
  CHECK(sample->waiting == 0);
  {
    const Background waiting(database.connect(), "select * from \"Odd\".t");
    CHECK(look_until(sampler, [](const window::Sample& it) { return it.waiting == 1; }));
    worker.exec("commit");
  }
  const Background sleeping(database.connect(), "select pg_sleep(0.5) /* here */");
  const int pid = static_cast<int>(
      database
          .exec("select coalesce(max(pid), 0) from pg_stat_activity where query like '%/* here */' "
                "and pid <> pg_backend_pid()")
          .integer(0, 0));
  if (pid != 0) {
    window::Sampler other(address_of(database.url()), clock);
    other.begin(pid);
    sample = other.look();
    if (sample && !sleeping.is_done()) {
      CHECK(sample->statement == "select pg_sleep(0.5) /* here */");
      CHECK(sample->wait == "Timeout:PgSleep");
    }
  }
}

TEST_CASE("an index build shows its progress, and its CPU where it is on this machine", "[window][sampler]") {
  const test::Database database;
  database.exec(
      "create table t (n int, text text); "
      "insert into t select n, md5(n::text) from generate_series(1, 600000) n");
  SystemClock clock;
  database.exec("alter table t owner to " + database.owner());
  pg::Connection worker = database.connect(database.owner());
  const int pid = worker.backend_pid();
  window::Sampler sampler(address_of(database.owner_url()), clock);
  sampler.begin(pid);
  const Background build(std::move(worker), "create index on t (text collate \"C\")");
  const auto scanning = look_until(
      sampler, [&](const window::Sample& it) { return (it.view && it.view->total > 0) || build.is_done(); });
  REQUIRE(scanning);
  REQUIRE(scanning->view);
  CHECK(scanning->view->command == "create index");
  CHECK(scanning->view->phase.starts_with("building index"));
  CHECK(scanning->view->done <= scanning->view->total);
  CHECK(scanning->statement.starts_with("create index"));
  const auto computing = look_until(
      sampler, [&](const window::Sample& it) { return it.cpu_seconds.value_or(0) > 0 || build.is_done(); });
  REQUIRE(computing);
  CHECK(computing->cpu_seconds.value_or(0) > 0);
  if (std::filesystem::exists("/proc/self/schedstat")) {
    REQUIRE(computing->queued_seconds);
    CHECK(*computing->queued_seconds >= 0);
    CHECK(*computing->queued_seconds <= computing->seconds + 0.1);
  }
}

TEST_CASE("a lost connection of the sampler's is opened again", "[window][sampler]") {
  const test::Database database;
  SimulatedClock clock;
  pg::Connection worker = database.connect();
  worker.exec("begin");
  window::Sampler sampler(address_of(database.owner_url()), clock);
  sampler.begin(worker.backend_pid());
  REQUIRE(sampler.look());
  database.exec(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'dbtool window' "
      "and datname = current_database()");
  CHECK_FALSE(sampler.look());
  clock.advance(10s);
  CHECK(sampler.look());
}

TEST_CASE("without the right to read who wrote what, all is taken for the step's", "[window][sampler]") {
  const test::Database database;
  database.exec("create table own (n int, text text); revoke select on pg_stat_wal from public");
  SystemClock clock;
  pg::Connection worker = database.connect();
  worker.exec("begin");
  window::Sampler sampler(address_of(database.owner_url()), clock);
  sampler.begin(worker.backend_pid());
  worker.exec("insert into own select n, repeat('x', 200) from generate_series(1, 10000) n");
  const auto sample = sampler.look();
  REQUIRE(sample);
  CHECK_FALSE(sampler.tells_own_wal());
  CHECK(sample->wal_bytes > 1'000'000);
  CHECK(sample->wal_bytes_least == 0);
}

TEST_CASE("what a script says of its progress is seen at once", "[window][sampler][marker]") {
  const test::Database database;
  SystemClock clock;
  pg::Connection worker = database.connect(database.owner());
  worker.exec("begin");
  window::Sampler sampler(address_of(database.owner_url()), clock);
  sampler.begin(worker.backend_pid());
  const std::optional<window::Sample> silent = sampler.look();
  REQUIRE(silent);
  CHECK_FALSE(silent->marked);
  worker.exec("select set_config('application_name', 'dbtool progress 37 %', true)");
  const std::optional<window::Sample> sample = sampler.look();
  REQUIRE(sample);
  CHECK(sample->marked.value_or(0) == Approx(0.37));
}

}  // namespace dbtool
