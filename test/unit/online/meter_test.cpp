#include "online/meter.h"

#include "test/support/catch.h"

using namespace std::chrono_literals;
using dbtool::SimulatedClock;
using dbtool::online::Meter;

TEST_CASE("A meter tells the rate of the run and that of the last half minute", "[online]") {
  SimulatedClock clock;
  Meter meter(5000, 100'000, clock.now());
  CHECK(meter.rate(clock.now()) == 0);
  CHECK(meter.recent_rate(clock.now()) == 0);
  for (int batch = 0; batch < 600; ++batch) {
    clock.advance(100ms);
    meter.add(100, clock.now());
  }
  CHECK(meter.of_this_run() == 60'000);
  CHECK(meter.done() == 65'000);
  CHECK(meter.rate(clock.now()) == Approx(1000));
  CHECK(meter.recent_rate(clock.now()) == Approx(1000).epsilon(0.03));
  SECTION("of late it was slower") {
    for (int batch = 0; batch < 35; ++batch) {
      clock.advance(1s);
      meter.add(50, clock.now());
    }
    CHECK(meter.recent_rate(clock.now()) == Approx(50).epsilon(0.1));
    CHECK(meter.rate(clock.now()) == Approx(61'750 / 95.0));
  }
  SECTION("nothing comes any more") {
    double last = meter.recent_rate(clock.now());
    for (int second = 0; second < 120; second += 10) {
      clock.advance(10s);
      CHECK(meter.recent_rate(clock.now()) <= last);
      last = meter.recent_rate(clock.now());
    }
    CHECK(last < 10);
  }
}

TEST_CASE("An estimate that was too small says nothing more", "[online]") {
  SimulatedClock clock;
  Meter meter(0, 150, clock.now());
  meter.add(100, clock.now());
  CHECK(meter.total() == 150);
  meter.add(50, clock.now());
  CHECK(meter.total() == 150);
  meter.add(1, clock.now());
  CHECK_FALSE(meter.total());
  CHECK_FALSE(Meter(0, std::nullopt, clock.now()).total());
}
