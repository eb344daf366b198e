#include "online/latency_curve.h"
#include "online/latency_meter.h"

#include <cmath>

#include "test/support/catch.h"

using namespace std::chrono_literals;
using namespace dbtool;
using namespace dbtool::online;

namespace {

Reading timed(const std::string& signal, double seconds) {
  return {signal, 0.5, "", false, false, Measure{seconds, 0.02, "seconds"}};
}

Reading unanswered(const std::string& signal) {
  return {signal, 1, "", false, true};
}

}  // namespace

TEST_CASE("How long the services wait is told by its median and its worst", "[online][throttle]") {
  SimulatedClock clock;
  LatencyMeter meter(clock.now());
  CHECK(meter.take(clock.now()).empty());
  for (const double time : {0.004, 0.001, 0.002, 0.090, 0.003})
    meter.add({{"lag", 0.1, ""}, timed("probe", time), timed("latency", time / 2)});
  meter.add({unanswered("probe")});
  clock.advance(10s);
  const std::vector<LatencyInterval> intervals = meter.take(clock.now());
  REQUIRE(intervals.size() == 2);
  CHECK(intervals[0].measure == "probe");
  CHECK(intervals[0].seconds == 10);
  CHECK(intervals[0].looks == 5);
  CHECK(intervals[0].failed == 1);
  CHECK(intervals[0].median == 0.003);
  CHECK(intervals[0].worst == 0.090);
  CHECK(intervals[0].limit == 0.02);
  CHECK(intervals[1].measure == "latency");
  CHECK(intervals[1].median == 0.0015);

  // What was told is told once; a server that gives no answer at all has no median.
  CHECK(meter.take(clock.now()).empty());
  meter.add({unanswered("probe")});
  const std::vector<LatencyInterval> silent = meter.take(clock.now());
  REQUIRE(silent.size() == 1);
  CHECK_FALSE(silent[0].median);
  CHECK(silent[0].looks == 0);
  CHECK(silent[0].limit == 0.02);

  meter.add({timed("probe", 0.001)});
  meter.add({timed("probe", 0.002)});
  CHECK(meter.take(clock.now())[0].median == Approx(0.0015));
}

TEST_CASE("A query of the user's that is called like a measure of latency is none", "[online][throttle]") {
  SimulatedClock clock;
  LatencyMeter meter(clock.now());
  meter.add({{"latency", 0.5, "", false, false, Measure{300, 600, ""}}});
  CHECK(meter.take(clock.now()).empty());
}

TEST_CASE("The curve of latency grows ever more slowly", "[online][throttle]") {
  SimulatedClock clock;
  LatencyCurve curve({}, Direction::upgrade, clock.now());
  LatencyInterval interval;
  interval.measure = "probe";
  std::size_t written = 0;
  std::size_t merged = 0;
  for (const auto end = clock.now() + 30 * 24h; clock.now() < end; clock.advance(1s)) {
    if (!curve.is_due(clock.now())) continue;
    const auto statements = curve.statements({interval}, clock.now());
    ++written;
    merged += statements.size() - 1;
  }
  CHECK(merged > 5);
  CHECK(written < 200 * (merged + 2));
  CHECK(curve.statements({}, clock.now()).empty());
}
