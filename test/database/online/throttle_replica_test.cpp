#include "online/throttle/throttle.h"

#include "test/database/online/throttle_support.h"
#include "test/support/proxy.h"
#include "test/support/standby.h"

using namespace dbtool;
using namespace dbtool::online;
using namespace dbtool::test;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("A replica that lags is named; one that is gone counts for a while only", "[online][throttle]") {
  OwnServer primary;
  Standby replica(primary, "walreceiver", "r2");
  ThrottleSettings settings = nothing_watched();
  settings.lag = LagSettings{4 << 20, {}};
  Watch watch(primary->url(), settings);
  CHECK(watch.off.empty());
  CHECK(eventually([&] { return watch.read("lag").load >= 0; }));
  CHECK(eventually([&] { return !watch.read("lag").is_loaded(); }));

  open(replica->url()).exec("select pg_wal_replay_pause()");
  write_wal(primary->url(), 6);
  const Reading behind = watch.read("lag");
  CHECK(behind.is_loaded());
  CHECK_FALSE(behind.lost);
  CHECK_THAT(behind.text, Contains("replica r2 lag 6 MB (limit 4 MB)"));
  settings.lag->except = {"r2"};
  Watch without(primary->url(), settings);
  CHECK(without.observe().readings.empty());
  open(replica->url()).exec("select pg_wal_replay_resume()");
  CHECK(eventually([&] { return !watch.read("lag").is_loaded(); }));

  replica->stop(pg::Server::StopMode::immediate);
  Observation gone;
  CHECK(eventually([&] {
    gone = watch.observe();
    return reading_of(gone, "lag").lost;
  }));
  CHECK(reading_of(gone, "lag").is_loaded());
  REQUIRE(gone.warnings.size() == 1);
  CHECK(gone.warnings[0] == "replica r2 is gone; it counts as loaded until it is back, at most 5 min 00 s");
  CHECK(watch.observe().warnings.empty());
  CHECK(watch.read("lag").is_loaded());
  watch.clock.advance(5min);
  gone = watch.observe();
  CHECK(gone.readings.empty());
  REQUIRE(gone.warnings.size() == 1);
  CHECK_THAT(gone.warnings[0], Contains("replica r2 has been gone for 5 min"));

  replica->restart();
  CHECK(eventually([&] { return watch.read("lag").load >= 0; }));
  CHECK_FALSE(watch.read("lag").lost);
}

TEST_CASE("Queries that replay cancels on a standby are counted", "[online][throttle]") {
  OwnServer primary;
  Standby replica(primary, "r1", "", {"max_standby_streaming_delay=0", "hot_standby_feedback=off"});
  const std::string url = primary->url();
  open(url).exec("create table t as select n from generate_series(1, 1000) n");
  CHECK(eventually(
      [&] { return open(replica->url()).query("select to_regclass('t') is not null").boolean(0, 0); }));
  ThrottleSettings settings = nothing_watched();
  settings.cancelled = CancelledSettings{1, {{replica->url()}, {"postgresql:///x?host=/nosuch"}}};
  Watch watch(url, settings);
  Observation first = watch.observe();
  CHECK(reading_of(first, "cancelled").load == 0);
  // One that was never there does not count, and is named once.
  REQUIRE(first.warnings.size() == 1);
  CHECK_THAT(first.warnings[0],
             Contains("postgresql:///x?host=/nosuch cannot be asked for cancelled queries"));

  pg::Connection reader = open(replica->url());
  reader.exec("begin isolation level repeatable read; select count(*) from t");
  open(url).exec("delete from t");
  open(url).exec("vacuum t");
  std::vector<std::string> warnings;
  CHECK(eventually([&] {
    watch.clock.advance(2s);
    const Observation now = watch.observe();
    warnings.insert(warnings.end(), now.warnings.begin(), now.warnings.end());
    return reading_of(now, "cancelled").is_loaded();
  }));
  CHECK(warnings.empty());
  CHECK_THAT(watch.read("cancelled").text,
             Contains("1 standby queries cancelled by replay within a minute (limit 1)"));
  watch.clock.advance(1min);
  watch.observe();
  watch.clock.advance(1min);
  CHECK(watch.read("cancelled").load == 0);

  replica->stop(pg::Server::StopMode::immediate);
  watch.clock.advance(2s);
  const Observation gone = watch.observe();
  CHECK(gone.ruling()->lost);
  CHECK(gone.ruling()->is_loaded());
  watch.clock.advance(6min);
  CHECK(watch.observe().ruling()->load == 0);
}

TEST_CASE("A standby that swallows all packets counts as gone, and keeps nobody waiting",
          "[online][throttle]") {
  // Any server will do: one that is no standby has cancelled nothing.
  OwnServer server;
  Proxy proxy(server->url());
  ThrottleSettings settings = nothing_watched();
  settings.cancelled = CancelledSettings{1, {{proxy.url()}}};
  Watch watch(server->url(), settings);
  CHECK(watch.read("cancelled").load == 0);
  proxy.hold(true);
  watch.clock.advance(2s);
  const Observation silent = watch.observe();
  CHECK(silent.ruling()->lost);
  REQUIRE(silent.warnings.size() == 2);
  CHECK_THAT(silent.warnings[1], Contains("is gone; it counts as loaded"));
  // A new connection is tried, and given up as well.
  watch.clock.advance(30s);
  CHECK(watch.observe().ruling()->lost);
  proxy.hold(false);
  watch.clock.advance(30s);
  CHECK(eventually([&] {
    watch.clock.advance(30s);
    return !watch.observe().ruling()->lost;
  }));
}
