#include <cstdlib>

#include "online/throttle/absence.h"
#include "online/throttle/hours.h"
#include "online/throttle/rate.h"
#include "online/throttle/reading.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::online;
using namespace std::chrono_literals;

TEST_CASE("A rate is the growth over the window, and begins anew when a counter falls", "[throttle]") {
  SimulatedClock clock;
  Rate rate(5s);
  CHECK_FALSE(rate.per_second());
  rate.add(clock.now(), 1000);
  CHECK_FALSE(rate.per_second());
  for (int second = 1; second <= 60; ++second) {
    clock.advance(1s);
    rate.add(clock.now(), 1000 + second * (second <= 30 ? 10 : 10) + (second > 30 ? (second - 30) * 90 : 0),
             second);
    if (second == 30) CHECK(rate.per_second() == Approx(10));
  }
  CHECK(rate.per_second() == Approx(100));
  CHECK(rate.growth() == Approx(500));
  CHECK(rate.second_growth() == Approx(5));
  clock.advance(1s);
  rate.add(clock.now(), 5);
  CHECK_FALSE(rate.per_second());
  CHECK(rate.growth() == 0);
}

TEST_CASE("The next forced checkpoint is told from what was written since the last", "[throttle]") {
  CHECK(seconds_to_checkpoint(400, 1000, 10) == Approx(60));
  // One is under way: it began at 1000.
  CHECK(seconds_to_checkpoint(1400, 1000, 10) == Approx(60));
  CHECK_FALSE(seconds_to_checkpoint(400, 1000, 0));
}

TEST_CASE("Hours go over midnight, and end when they say", "[throttle]") {
  const HoursSettings night{{{22h, 6h}}, ""};
  for (const auto time : {22h + 0min, 23h + 59min, 0h + 0min, 5h + 59min}) CHECK(allows(night, time));
  for (const auto time : {6h + 0min, 12h + 0min, 21h + 59min}) CHECK_FALSE(allows(night, time));
  const HoursSettings twice{{{12h, 13h}, {20h, 24h}}, "UTC"};
  for (const auto time : {12h + 0min, 12h + 59min, 20h + 0min, 23h + 59min}) CHECK(allows(twice, time));
  for (const auto time : {0h + 0min, 11h + 59min, 13h + 0min, 19h + 59min}) CHECK_FALSE(allows(twice, time));
  CHECK(describe(night) == "22:00-06:00");
  CHECK(describe(twice) == "12:00-13:00, 20:00-24:00 UTC");
}

TEST_CASE("The local time follows the clock changes of the machine's zone", "[throttle]") {
  const char* const before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);  // needs no data base of zones
  ::tzset();
  const auto at = [](std::time_t time) { return local_time(std::chrono::system_clock::from_time_t(time)); };
  CHECK(at(1774745940) == 1h + 59min);  // 2026-03-29 00:59 UTC
  CHECK(at(1774746000) == 3h);          // 2026-03-29 01:00 UTC
  CHECK(at(1792889940) == 2h + 59min);  // 2026-10-25 00:59 UTC
  CHECK(at(1792890000) == 2h);          // 2026-10-25 01:00 UTC
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
}

TEST_CASE("A replica that is gone counts for a while, warns twice, and then no longer counts", "[throttle]") {
  SimulatedClock clock;
  Absence absence("lag", 5min);
  const auto look = [&](bool there) {
    clock.advance(1s);
    Answer answer;
    if (there) absence.see("r2", clock.now());
    absence.judge(clock.now(), answer);
    return answer;
  };
  CHECK(look(true).readings.empty());
  const Answer first = look(false);
  REQUIRE(first.readings.size() == 1);
  CHECK(first.readings[0].is_loaded());
  CHECK(first.readings[0].lost);
  CHECK(first.readings[0].text == "replica r2 gone for 1.0 s");
  REQUIRE(first.warnings.size() == 1);
  CHECK(first.warnings[0] == "replica r2 is gone; it counts as loaded until it is back, at most 5 min 00 s");
  int loaded = 1;
  Answer last;
  for (int second = 2; second <= 300; ++second) {
    last = look(false);
    if (!last.readings.empty()) ++loaded;
    if (second < 300) CHECK(last.warnings.empty());
  }
  CHECK(loaded == 299);
  REQUIRE(last.warnings.size() == 1);
  CHECK(last.warnings[0] == "replica r2 has been gone for 5 min 00 s: it no longer slows the migration");
  CHECK(look(false).readings.empty());
  // It comes back, and goes again: that is news.
  CHECK(look(true).readings.empty());
  CHECK(look(false).warnings.size() == 1);
  CHECK(look(true).warnings.empty());
}

TEST_CASE("Replicas of a primary that is no longer one are forgotten", "[throttle]") {
  SimulatedClock clock;
  Absence absence("lag", 5min);
  const auto look = [&](const char* timeline, bool there) {
    clock.advance(1s);
    Answer answer;
    absence.follow(timeline);
    if (there) absence.see("r2", clock.now());
    absence.judge(clock.now(), answer);
    return answer.readings.size();
  };
  CHECK(look("00000001", true) == 0);
  CHECK(look("00000001", false) == 1);
  CHECK(look("00000002", false) == 0);
  CHECK(look("00000002", true) == 0);
  CHECK(look("00000002", false) == 1);
}

TEST_CASE("The most loaded reading rules, a hard one that is loaded first", "[throttle]") {
  CHECK(Observation{}.ruling() == nullptr);
  const Observation soft{{{"a", 0.3, "", true}, {"b", 0.9, ""}, {"c", 0.5, ""}}, {}};
  CHECK(soft.ruling()->signal == "b");
  const Observation hard{{{"a", 1.0, "", true}, {"b", 7, ""}}, {}};
  CHECK(hard.ruling()->signal == "a");
}
