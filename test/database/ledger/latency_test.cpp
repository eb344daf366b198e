#include "ledger/latency.h"

#include "ledger/write.h"
#include "online/latency_curve.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

TEST_CASE("The curve of the services' latency stays short, and no worst time is lost", "[ledger]") {
  RunFixture fixture;
  pg::Connection connection = fixture.database.connect();
  ledger::create(connection, ledger::Session::from(Settings{}));
  fixture.database.exec(
      "insert into dbtool.runs (run, command, from_version, goal, os_user, host, pid, backend_pid) "
      "select n, 'upgrade', 19, 20, 'me', 'here', 1, 1 from generate_series(1, 3) n");
  CHECK(ledger::read_latency(connection, 2).empty());

  ledger::Fence fence;
  fence.run = 2;
  fence.version = 20;
  SimulatedClock clock;
  online::LatencyCurve curve(fence, Direction::upgrade, clock.now());
  constexpr int intervals = 2000;
  for (int at = 0; at < intervals; ++at) {
    const double worst = at == 700 ? 9.5 : 0.02;
    std::vector<online::LatencyInterval> now{{"probe", 10, 20, at == 1500 ? 3 : 0, 0.001, worst, 0.05}};
    // One measure may have nothing to say, now and then.
    if (at % 2 == 0) now.push_back({"latency", 20, 0, 1, {}, {}, 0.01});
    connection.batch(curve.statements(now, clock.now()));
  }
  const std::vector<ledger::LatencyRecord> kept = ledger::read_latency(connection, 2);
  std::int64_t looks = 0;
  std::int64_t failed = 0;
  double seconds = 0;
  double worst = 0;
  std::size_t probes = 0;
  double before = -1e9;
  for (const ledger::LatencyRecord& record : kept) {
    CHECK(record.version == 20);
    if (record.measure != "probe") {
      CHECK_FALSE(record.median);
      CHECK_FALSE(record.worst);
      continue;
    }
    ++probes;
    looks += record.looks;
    failed += record.failed;
    seconds += record.seconds;
    worst = std::max(worst, record.worst.value());
    CHECK(record.median.value() == Approx(0.001));
    CHECK(record.limit == 0.05);
    CHECK(record.began + record.seconds >= before);
    before = record.began + record.seconds;
  }
  CHECK(probes <= 400);
  CHECK(kept.size() <= 800);
  CHECK(looks == 20 * intervals);
  CHECK(failed == 3);
  CHECK(seconds == Approx(10 * intervals));
  CHECK(worst == 9.5);
  // Others' are left alone.
  CHECK(ledger::read_latency(connection, 1).empty());
}
