#include "online/rate_watch.h"

#include "test/support/catch.h"

#include <algorithm>
#include <random>

using namespace std::chrono_literals;
using dbtool::online::RateWatch;
using dbtool::online::TimedBatch;
using Change = RateWatch::Change;

namespace {

TimedBatch batch(std::int64_t rows, std::chrono::microseconds took) {
  return {rows, rows, took};
}

/// One that has seen a steady run of 50 ms batches.
RateWatch steady(int batches = 50) {
  RateWatch watch;
  for (int i = 0; i < batches; ++i) CHECK(watch.observe(batch(2500, 50ms)) == Change::none);
  return watch;
}

/// After how many of these batches a collapse is told; 0: never within 1000.
int batches_to_collapse(RateWatch& watch, const TimedBatch& slow) {
  for (int count = 1; count <= 1000; ++count)
    if (watch.observe(slow) == Change::collapsed) return count;
  return 0;
}

}  // namespace

TEST_CASE("A collapse is told within ten batches, once", "[online]") {
  RateWatch watch = steady();
  const int after = batches_to_collapse(watch, batch(250, 50ms));
  CHECK(after > 3);
  CHECK(after <= 10);
  CHECK(watch.is_collapsed());
  CHECK(watch.usual() == Approx(50'000));
  CHECK(watch.recent() == Approx(5000));
  CHECK(batches_to_collapse(watch, batch(250, 50ms)) == 0);
}

TEST_CASE("It is told while batches become smaller, as the pace makes them", "[online]") {
  RateWatch watch = steady();
  std::int64_t rows = 2500;
  int count = 0;
  while (watch.observe(batch(rows, 1ms * rows)) != Change::collapsed) {
    REQUIRE(++count < 10);
    rows = std::max<std::int64_t>(rows / 2, 50);
  }
}

TEST_CASE("One quick batch among slow ones does not hide a collapse", "[online]") {
  RateWatch watch = steady();
  int count = 0;
  for (Change change = Change::none; change != Change::collapsed; ++count) {
    REQUIRE(count < 10);
    change = watch.observe(count == 2 ? batch(2500, 50ms) : batch(250, 50ms));
  }
}

TEST_CASE("Slower batches now and then, or twice as slow ones, are no collapse", "[online]") {
  RateWatch watch = steady();
  for (int i = 0; i < 1000; ++i) CHECK(watch.observe(batch(2500, i % 3 == 0 ? 2s : 50ms)) == Change::none);
  for (int i = 0; i < 1000; ++i) CHECK(watch.observe(batch(2500, 120ms)) == Change::none);
  std::mt19937 random(7);
  std::lognormal_distribution<double> noise(0, 0.5);
  RateWatch noisy;
  for (int i = 0; i < 10'000; ++i) {
    const std::chrono::microseconds took(static_cast<std::int64_t>(50'000 * noise(random)));
    CHECK(noisy.observe(batch(2500, took)) == Change::none);
  }
}

TEST_CASE("A run that is slow from its start has nothing to compare with", "[online]") {
  RateWatch watch;
  CHECK(batches_to_collapse(watch, batch(1, 10s)) == 0);
  CHECK_FALSE(watch.is_suspicious());
}

TEST_CASE("What the throttle slows is no collapse", "[online]") {
  RateWatch watch = steady();
  TimedBatch slowed = batch(10, 10ms);
  slowed.limited = true;
  CHECK(batches_to_collapse(watch, slowed) == 0);
  for (int i = 0; i < 100; ++i) CHECK(watch.observe_failure(500ms, true) == Change::none);
  CHECK(watch.observe_running(2500, 100s, true) == Change::none);
}

TEST_CASE("Neither more workers nor fewer are a collapse", "[online]") {
  RateWatch watch;
  const auto shared = [](int workers) {  // one core: each gets its part
    TimedBatch one = batch(2400 / workers, 48ms);
    one.workers = workers;
    return one;
  };
  const auto alone = [](int workers) {  // a core each
    TimedBatch one = batch(2400, 48ms);
    one.workers = workers;
    return one;
  };
  const int from = GENERATE(1, 8);
  const bool own_core = GENERATE(true, false);
  for (int i = 0; i < 50; ++i) watch.observe(own_core ? alone(from) : shared(from));
  CHECK(batches_to_collapse(watch, own_core ? alone(9 - from) : shared(9 - from)) == 0);
}

TEST_CASE("Batches that the end of their range cuts short are no collapse", "[online]") {
  RateWatch watch = steady();
  CHECK(batches_to_collapse(watch, batch(3, 2ms)) == 0);
}

TEST_CASE("Batches that pass over rows moved before are compared with their like", "[online]") {
  RateWatch watch;
  for (int i = 0; i < 100; ++i) CHECK(watch.observe({100'000, 0, 50ms}) == Change::none);
  for (int i = 0; i < 100; ++i) CHECK(watch.observe(batch(2500, 50ms)) == Change::none);
  for (int i = 0; i < 100; ++i) CHECK(watch.observe({100'000, 0, 50ms}) == Change::none);
  CHECK(batches_to_collapse(watch, batch(100, 50ms)) > 0);
}

TEST_CASE("Batches that are given up again and again are a collapse", "[online]") {
  RateWatch watch = steady();
  CHECK(watch.observe_failure(1ms, false) == Change::none);
  CHECK_FALSE(watch.is_suspicious());
  int count = 1;
  while (watch.observe_failure(500ms, false) != Change::collapsed) REQUIRE(++count < 10);
  CHECK(watch.recent() == 0);
}

TEST_CASE("A batch that does not end is a collapse, once", "[online]") {
  RateWatch watch = steady();
  CHECK(watch.observe_running(2500, 100ms, false) == Change::none);
  CHECK(watch.observe_running(2500, 4900ms, false) == Change::none);
  CHECK(watch.observe_running(2500, 5s, false) == Change::collapsed);
  CHECK(watch.observe_running(2500, 6s, false) == Change::none);
  RateWatch slow;
  for (int i = 0; i < 50; ++i) slow.observe(batch(10, 4s));
  CHECK(slow.observe_running(10, 10s, false) == Change::none);
  CHECK(slow.observe_running(10, 30s, false) == Change::collapsed);
}

TEST_CASE("It has recovered when all of the last batches are well again, and may collapse again",
          "[online]") {
  RateWatch watch = steady();
  REQUIRE(batches_to_collapse(watch, batch(250, 50ms)) > 0);
  // To and fro between slow and well, and halfway up: neither news.
  for (int i = 0; i < 100; ++i)
    CHECK(watch.observe(i % 4 == 0 ? batch(250, 50ms) : batch(2500, 50ms)) == Change::none);
  for (int i = 0; i < 100; ++i) CHECK(watch.observe(batch(1000, 50ms)) == Change::none);
  CHECK(watch.is_collapsed());
  int count = 0;
  while (watch.observe(batch(2500, 50ms)) != Change::recovered) REQUIRE(++count < 10);
  CHECK_FALSE(watch.is_collapsed());
  CHECK(batches_to_collapse(watch, batch(250, 50ms)) <= 10);
}
