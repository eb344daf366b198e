#include "online/outlook.h"

#include "test/support/catch.h"

using namespace std::chrono_literals;
using namespace dbtool;
using namespace dbtool::online;

namespace {

const Wish four_workers{4, 50ms};
const Observation calm{{{"lag", 0.1, "replica r2 lag 1 MB"}}, {}};

}  // namespace

TEST_CASE("No observation for ten seconds counts as loaded", "[online][throttle]") {
  SimulatedClock clock;
  Outlook outlook;
  outlook.begin(clock.now());
  outlook.take(calm, clock.now());
  CHECK(outlook.limits(clock.now(), four_workers).workers == 4);
  clock.advance(10s);
  CHECK(outlook.limits(clock.now(), four_workers).workers == 4);
  clock.advance(1ms);
  const Limits limits = outlook.limits(clock.now(), four_workers);
  CHECK(limits.workers == 3);
  CHECK(limits.reason == "no observation has come for 10 s");
  REQUIRE(outlook.readings().size() == 1);
  CHECK(outlook.readings().front().signal == "monitor");
  SECTION("more so, the longer it lasts") {
    for (int second = 0; second < 100; ++second) {
      clock.advance(1s);
      outlook.limits(clock.now(), four_workers);
    }
    CHECK(outlook.limits(clock.now(), four_workers).workers == 1);
    CHECK(outlook.limits(clock.now(), four_workers).batch_time < 50ms);
  }
  SECTION("until one comes") {
    for (int look = 0; look < 60; ++look) {
      clock.advance(500ms);
      outlook.take(calm, clock.now());
      outlook.limits(clock.now(), four_workers);
    }
    CHECK(outlook.limits(clock.now(), four_workers).workers == 4);
    CHECK(outlook.limits(clock.now(), four_workers).reason.empty());
  }
}

TEST_CASE("Silence before the first observation counts as loaded too", "[online][throttle]") {
  SimulatedClock clock;
  Outlook outlook;
  outlook.begin(clock.now());
  CHECK(outlook.limits(clock.now(), four_workers).workers == 4);
  clock.advance(11s);
  CHECK(outlook.limits(clock.now(), four_workers).workers == 3);
}

TEST_CASE("A new wish counts at once, without an observation", "[online][throttle]") {
  SimulatedClock clock;
  Outlook outlook;
  outlook.begin(clock.now());
  outlook.take(calm, clock.now());
  CHECK(outlook.limits(clock.now(), four_workers).workers == 4);
  CHECK(outlook.limits(clock.now(), {2, 20ms}).workers == 2);
  CHECK(outlook.limits(clock.now(), {2, 20ms}).batch_time == 20ms);
}
