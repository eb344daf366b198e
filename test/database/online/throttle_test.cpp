#include "online/throttle/throttle.h"

#include "base/error.h"
#include "test/database/online/throttle_support.h"
#include "test/support/database.h"

using namespace dbtool;
using namespace dbtool::online;
using namespace dbtool::test;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("A query of the user's is a signal, and one that is hard says so", "[online][throttle]") {
  const Database database;
  database.exec("create table guards as select 12.0 as queue, 30 * 1024.0 ^ 3 as free, 0.97 as apdex");
  ThrottleSettings settings = nothing_watched();
  settings.disk = DiskSettings{"select free from guards", 20LL << 30, 10s};
  settings.queries = {{"queue", "select queue from guards", 10, false, false, 5s},
                      {"apdex", "select apdex from guards", 0.95, true, true, 500ms}};
  Watch watch(database.url(), settings);
  CHECK(watch.off.empty());

  Observation observation = watch.observe();
  const Reading disk = reading_of(observation, "disk");
  CHECK(disk.load == Approx(20.0 / 30));
  CHECK(disk.hard);
  CHECK(disk.text == "free disk 30 GB (least 20 GB)");
  const Reading queue = reading_of(observation, "queue");
  CHECK(queue.load == Approx(1.2));
  CHECK_FALSE(queue.hard);
  CHECK(queue.text == "queue 12 (limit 10)");
  const Reading apdex = reading_of(observation, "apdex");
  CHECK(apdex.load == Approx(0.95 / 0.97));
  CHECK(apdex.hard);
  CHECK(apdex.text == "apdex 0.97 (least 0.95)");
  REQUIRE(observation.ruling() != nullptr);
  CHECK(observation.ruling()->signal == "queue");

  // Each is asked no more often than it wants to be.
  database.exec("update guards set free = 1024.0 ^ 3, queue = 1, apdex = 0.9");
  observation = watch.observe();
  CHECK(reading_of(observation, "apdex").is_loaded());
  CHECK(reading_of(observation, "queue").load == Approx(1.2));
  CHECK_FALSE(reading_of(observation, "disk").is_loaded());
  CHECK(observation.ruling()->signal == "apdex");
  watch.clock.advance(10s);
  observation = watch.observe();
  CHECK(reading_of(observation, "queue").load == Approx(0.1));
  CHECK(observation.ruling()->text == "free disk 1 GB (least 20 GB)");
}

TEST_CASE("A signal that is lost in mid-run counts as loaded until it is back", "[online][throttle]") {
  const Database database;
  database.exec("create table guards as select 1.0 as n");
  ThrottleSettings settings = nothing_watched();
  settings.blocked = 200ms;
  settings.queries = {{"n", "select n from guards", 10, false, true, 5s}};
  Watch watch(database.url(), settings);
  CHECK_FALSE(watch.read("n").is_loaded());

  database.exec("alter table guards rename to moved");
  watch.clock.advance(5s);
  const Reading lost = watch.read("n");
  CHECK(lost.is_loaded());
  CHECK(lost.lost);
  CHECK(lost.hard);
  CHECK_THAT(lost.text, Contains("n cannot be read: ") && Contains("does not exist"));
  CHECK_FALSE(watch.read("blocked").is_loaded());
  database.exec("alter table moved rename to guards");
  CHECK(watch.read("n").load == Approx(0.1));

  for (const char* useless : {"delete from guards", "insert into guards values (null)"}) {
    database.exec(useless);
    watch.clock.advance(5s);
    CHECK(watch.read("n").lost);
  }
}

TEST_CASE("A throttle without a connection counts everything as loaded, and goes on with another one",
          "[online][throttle]") {
  const Database database;
  ThrottleSettings settings = nothing_watched();
  settings.blocked = 200ms;
  settings.probe = ProbeSettings{"select 1", 10min};
  Watch watch(database.url(), settings);
  CHECK(watch.observe().readings.size() == 2);
  database.connect().query("select pg_terminate_backend($1)",
                           {std::to_string(watch.connection.backend_pid())});
  Observation observation;
  REQUIRE(eventually([&] {
    observation = watch.observe();
    return !watch.connection.is_alive();
  }));
  observation = watch.observe();
  REQUIRE(observation.readings.size() == 2);
  for (const Reading& reading : observation.readings) {
    INFO(reading.text);
    CHECK(reading.is_loaded());
    CHECK(reading.lost);
  }
  watch.connection = database.connect();
  for (const Reading& reading : watch.observe().readings) {
    INFO(reading.text);
    CHECK_FALSE(reading.is_loaded());
  }
  // The new session is as the old one: it cannot write, and has a timeout.
  CHECK(watch.connection.query("show default_transaction_read_only").text(0, 0) == "on");
  CHECK(watch.connection.query("show statement_timeout").text(0, 0) != "0");
}

TEST_CASE("What is misspelt in the settings is an error, not a signal that is off", "[online][throttle]") {
  const Database database;
  database.exec("create table guards as select 1.0 as n");
  const auto refuses = [&](const ThrottleSettings& settings, const std::string& reason) {
    try {
      Watch(database.url(), settings);
      FAIL("not refused: " + reason);
    } catch (const Error& error) {
      CHECK(error.exit_code() == ExitCode::usage);
      CHECK_THAT(error.what(), Contains(reason));
    }
  };
  ThrottleSettings settings = nothing_watched();
  settings.queries = {{"n", "selekt n", 10, false, false, 5s}};
  refuses(settings, "dbtool.yml: `n` of `throttle`: syntax error");
  settings.queries = {{"n", "select n from nosuch", 10, false, false, 5s}};
  refuses(settings, "does not exist");
  settings.queries = {{"n", "insert into guards values (5) returning 1", 10, false, false, 5s}};
  refuses(settings, "read-only");
  CHECK(database.exec("select count(*) from guards").integer(0, 0) == 1);
  settings = nothing_watched();
  settings.hours = HoursSettings{{{22h, 6h}}, "Europe/Berln"};
  refuses(settings, "Europe/Berln");
  settings = nothing_watched();
  settings.cancelled = CancelledSettings{5, {{"", "dbtool.yml:9:20: R2 is not set"}}};
  refuses(settings, "dbtool.yml:9:20: R2 is not set");
}

TEST_CASE("The probe is a measure of its own time, and a slow one is loaded", "[online][throttle]") {
  const Database database;
  ThrottleSettings settings = nothing_watched();
  settings.probe = ProbeSettings{"select pg_sleep(0.05)", 10ms};
  SystemClock clock;
  pg::Connection connection = database.connect();
  Throttle slow(settings, {}, clock);
  CHECK(slow.prepare(connection).empty());
  const Reading loaded = reading_of(slow.observe(connection, {}), "probe");
  CHECK(loaded.load >= 5);
  CHECK_THAT(loaded.text, Contains("probe takes ") && Contains("(limit 10 ms)"));
  // One that takes longer than any statement may does not stop the throttle.
  settings.probe->query = "select pg_sleep(3600)";
  Throttle endless(settings, {}, clock);
  CHECK(endless.prepare(connection).empty());
  CHECK(reading_of(endless.observe(connection, {}), "probe").is_loaded());
}

TEST_CASE("Hours in a named zone follow its clock changes", "[online][throttle]") {
  const Database database;
  ThrottleSettings settings = nothing_watched();
  settings.hours = HoursSettings{{{22h, 6h}}, "Europe/Berlin"};
  Watch watch(database.url(), settings);
  CHECK(watch.off.empty());
  const auto at = [&](std::time_t time) {
    const auto wished = std::chrono::system_clock::from_time_t(time);
    watch.clock.advance(std::chrono::duration_cast<std::chrono::milliseconds>(wished - watch.clock.wall()) -
                        observation_interval);
    return watch.read("hours");
  };
  const Reading evening = at(1774731540);  // 2026-03-28 20:59 UTC, 21:59 there
  CHECK(evening.is_loaded());
  CHECK(evening.hard);
  CHECK(evening.text == "outside the hours 22:00-06:00 Europe/Berlin (it is 21:59)");
  CHECK_FALSE(at(1774731600).is_loaded());  // 22:00
  CHECK_FALSE(at(1774756740).is_loaded());  // 2026-03-29 03:59 UTC, 05:59 in summer time
  CHECK(at(1774756800).is_loaded());        // 06:00
  CHECK_FALSE(at(1792904399).is_loaded());  // 2026-10-25 04:59:59 UTC, 05:59 in winter time
  CHECK(at(1792904400).is_loaded());        // 06:00
}

TEST_CASE("What a user may not see is off, with the right that would help", "[online][throttle]") {
  Database database;
  const std::string user = database.create_role("plain");
  database.exec("create table guards as select 1.0 as n");
  ThrottleSettings settings;  // with all that is usual
  settings.active = 40;
  settings.waiting = 8;
  settings.transaction = 30min;
  settings.latency = LatencySettings{10ms, {}};
  settings.archive = 100;
  settings.wal = 50 << 20;
  settings.checkpoint = 30s;
  settings.slots = 10LL << 30;
  settings.queries = {{"n", "select n from guards", 10, false, false, 5s}};
  Watch watch(database.url(user), settings, {"guards", database.user_prefix()});
  std::vector<std::string> texts;
  for (const SignalOff& off : watch.off) texts.push_back(describe(off));
  const std::string hidden =
      " is off: " + user + " may not see other users' sessions; grant pg_monitor to " + user;
  CHECK(texts ==
        std::vector<std::string>{
            "throttle: latency is off: the extension pg_stat_statements is not in this database; create "
            "extension pg_stat_statements, which must be in shared_preload_libraries",
            "throttle: active" + hidden, "throttle: waiting" + hidden, "throttle: lag" + hidden,
            "throttle: archive is off: the server archives no WAL (archive_mode is off); remove the key",
            "throttle: transaction" + hidden,
            "throttle: n is off: permission denied for table guards; grant the right to " + user});
  watch.observe();
  const Observation observation = watch.observe();
  for (const char* signal : {"blocked", "vacuum", "wal"}) {
    const Reading reading = reading_of(observation, signal);
    INFO(reading.text);
    CHECK(reading.load >= 0);
    CHECK_FALSE(reading.lost);
  }
}

TEST_CASE("An extension that the server has not loaded is off", "[online][throttle]") {
  const Database database;
  database.exec("create extension pg_stat_statements");
  ThrottleSettings settings = nothing_watched();
  settings.latency = LatencySettings{10ms, {}};
  const Watch watch(database.url(), settings);
  REQUIRE(watch.off.size() == 1);
  CHECK_THAT(describe(watch.off[0]), Contains("latency is off: ") && Contains("shared_preload_libraries"));
}

TEST_CASE("A right that is taken away in mid-run is noticed", "[online][throttle]") {
  Database database;
  const std::string user = database.create_role("watcher");
  database.exec("grant pg_monitor to " + user);
  ThrottleSettings settings = nothing_watched();
  settings.active = 100'000;
  settings.blocked = 10min;
  Watch watch(database.url(user), settings);
  CHECK(watch.off.empty());
  CHECK_FALSE(watch.read("active").is_loaded());
  database.exec("revoke pg_monitor from " + user);
  const Reading lost = watch.read("active");
  CHECK(lost.is_loaded());
  CHECK(lost.lost);
  CHECK_THAT(lost.text, Contains("grant pg_monitor to " + user));
  CHECK_FALSE(watch.read("blocked").is_loaded());
  database.exec("grant pg_monitor to " + user);
  CHECK_FALSE(watch.read("active").is_loaded());
}
