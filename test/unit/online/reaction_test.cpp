#include "online/throttle/reaction.h"

#include <random>
#include <vector>

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::online;
using namespace std::chrono_literals;

namespace {

constexpr auto interval = 500ms;
const Reaction::Pace pace;

Observation loaded(double load, bool hard = false) {
  return {{{"wal", load, "WAL too fast", hard}, {"lag", 0.1, "replica r2 lag 20 MB (limit 200 MB)"}}, {}};
}

/// A reaction and the time it lives in.
struct Life {
  SimulatedClock clock{};
  Reaction reaction{};
  Wish wish{4, 50ms};

  Limits next(const Observation& observation) {
    clock.advance(interval);
    return reaction.react(clock.now(), wish, observation);
  }
  /// The last of the limits while the load stays the same for such a time.
  Limits stay(std::chrono::milliseconds time, double load, bool hard = false) {
    Limits limits;
    for (auto passed = 0ms; passed < time; passed += interval) limits = next(loaded(load, hard));
    return limits;
  }
};

/// Rows that such limits let through, as a share of what is wished.
double throughput(const Limits& limits, const Wish& wish) {
  if (limits.workers == 0) return 0;
  const double busy = static_cast<double>(limits.batch_time.count());
  const double share = busy / (busy + static_cast<double>(limits.pause.count()));
  return share * limits.workers / wish.workers;
}

/// How much less than wished, as one number that grows with every step.
std::vector<std::int64_t> slowness(const Limits& limits, const Wish& wish) {
  return {limits.pause.count(), wish.batch_time.count() - limits.batch_time.count(),
          wish.workers - limits.workers};
}

void check_bounds(const Limits& limits, const Wish& wish) {
  CHECK(limits.workers >= 1);
  CHECK(limits.workers <= wish.workers);
  CHECK(limits.batch_time <= wish.batch_time);
  CHECK(limits.batch_time >= std::min(wish.batch_time, pace.least_batch_time));
  CHECK(limits.pause >= 0ms);
  CHECK(limits.pause <= pace.longest_pause);
  if (limits.batch_time < wish.batch_time) CHECK(limits.workers == 1);
  if (limits.pause > 0ms) CHECK(limits.batch_time == std::min(wish.batch_time, pace.least_batch_time));
  const bool slowed =
      limits.workers < wish.workers || limits.batch_time < wish.batch_time || limits.pause > 0ms;
  CHECK(limits.reason.empty() == !slowed);
}

}  // namespace

TEST_CASE("Without load, and without anything to read, all that is wished may be done", "[throttle]") {
  Life life;
  for (const Observation& observation : {loaded(0.5), loaded(0.99), Observation{}}) {
    const Limits limits = life.next(observation);
    CHECK(limits.workers == 4);
    CHECK(limits.batch_time == 50ms);
    CHECK(limits.pause == 0ms);
    CHECK(limits.reason.empty());
  }
}

TEST_CASE("Workers go first, then batches get smaller, then pauses grow up to a bound", "[throttle]") {
  Life life;
  std::vector<int> workers;
  std::vector<std::int64_t> times, pauses;
  for (int step = 0; step < 18; ++step) {
    const Limits limits = life.stay(pace.slow_down, 1.2);
    workers.push_back(limits.workers);
    times.push_back(limits.batch_time.count());
    pauses.push_back(limits.pause.count());
    CHECK(limits.reason == "WAL too fast");
  }
  CHECK(workers == std::vector<int>{3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  CHECK(times ==
        std::vector<std::int64_t>{50, 50, 50, 25, 12, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10});
  CHECK(pauses == std::vector<std::int64_t>{0, 0, 0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000,
                                            5000, 5000});
}

TEST_CASE("Recovery goes the same way back, step by step and slower", "[throttle]") {
  Life life;
  life.stay(1min, 1.2);
  std::vector<std::vector<std::int64_t>> steps;
  int observations = 0;
  while (observations++ < 1000) {
    const Limits limits = life.next(loaded(0.3));
    if (steps.empty() || steps.back() != slowness(limits, life.wish))
      steps.push_back(slowness(limits, life.wish));
    if (limits.reason.empty()) break;
    CHECK(limits.reason == "recovering from: WAL too fast");
  }
  CHECK(steps.size() == 17);
  CHECK(std::is_sorted(steps.rbegin(), steps.rend()));
  CHECK(steps.back() == std::vector<std::int64_t>{0, 0, 0});
  CHECK(observations * interval >= 16 * pace.recover);
}

TEST_CASE("Between calm and loaded all stays as it is", "[throttle]") {
  Life life;
  const Limits slowed = life.stay(5s, 1.2);
  const Limits held = life.stay(10min, 0.9);
  CHECK(slowness(held, life.wish) == slowness(slowed, life.wish));
}

TEST_CASE("A single outlier costs one step", "[throttle]") {
  Life life;
  life.stay(1min, 0.2);
  CHECK(life.next(loaded(50)).workers == 3);
  CHECK(life.stay(pace.recover + interval, 0.2).workers == 4);
}

TEST_CASE("What is far too much is slowed down sooner", "[throttle]") {
  Life little, much;
  CHECK(throughput(much.stay(4s, 3), much.wish) < throughput(little.stay(4s, 1.1), little.wish));
}

TEST_CASE("A hard signal halts at once, and for a while after", "[throttle]") {
  Life life;
  const Limits halted = life.next(loaded(1, true));
  CHECK(halted.workers == 0);
  CHECK(halted.pause > 0ms);
  CHECK(halted.reason == "WAL too fast");
  CHECK(life.stay(8h, 1, true).workers == 0);
  CHECK(life.next(loaded(0.99, true)).workers == 0);
  CHECK(life.stay(pace.recover, 0.5, true).workers == 4);
}

TEST_CASE("A hard signal rules over a soft one that is more loaded", "[throttle]") {
  Life life;
  const Observation both{{{"wal", 9, "WAL"}, {"hours", 1, "outside the hours", true}}, {}};
  CHECK(life.next(both).reason == "outside the hours");
  const Observation free{{{"wal", 9, "WAL"}, {"hours", 0, "within the hours", true}}, {}};
  life.stay(pace.recover, 0.5);
  CHECK(life.next(free).reason == "WAL");
}

TEST_CASE("Whatever the load, the limits keep their bounds and their order", "[throttle]") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> any_load(0, 2.5);
    std::uniform_int_distribution<int> any(0, 99);
    Life life;
    Limits before = life.next(loaded(0));
    for (int step = 0; step < 2000; ++step) {
      const bool changes = any(random) == 0;
      if (changes) life.wish = {1 + any(random) % 8, std::chrono::milliseconds(1 + any(random) * 3)};
      const double load = any(random) < 50 ? any_load(random) : 0.2;
      const Limits limits = life.next(loaded(load));
      check_bounds(limits, life.wish);
      if (!changes && load >= 1) CHECK(slowness(limits, life.wish) >= slowness(before, life.wish));
      if (!changes && load < 1) CHECK(slowness(limits, life.wish) <= slowness(before, life.wish));
      before = limits;
    }
  }
}

TEST_CASE("Where our own work makes the load, the limits settle", "[throttle]") {
  // The load that all that is wished would make: from a little too much to a hundred times too much.
  for (const double full_load : {1.1, 1.5, 3.0, 10.0, 100.0}) {
    INFO("full load " << full_load);
    Life life;
    Limits limits = life.next(loaded(0));
    double done = 0;
    int changes = 0, overloaded = 0;
    const int observations = 2 * 60 * 60;  // an hour
    for (int step = 0; step < observations; ++step) {
      const double load = full_load * throughput(limits, life.wish);
      const Limits next = life.next(loaded(load));
      if (slowness(next, life.wish) != slowness(limits, life.wish)) ++changes;
      if (load >= 1) ++overloaded;
      done += throughput(next, life.wish);
      limits = next;
    }
    // Twice a minute: one step back, and one down when it was too much.
    CHECK(changes <= 2 * 60 + 30);
    CHECK(overloaded <= observations / 20);
    // What the limit allows is not given away: steps are halves at most.
    CHECK(done / observations >= 0.35 / full_load);
  }
}

TEST_CASE("After trouble that is long over, recovery is as quick as at first", "[throttle]") {
  Life life;
  for (int times = 0; times < 20; ++times) {
    life.stay(pace.recover + interval, 0.2);
    life.stay(pace.slow_down, 1.2);
  }
  life.stay(10min, 0.2);
  CHECK(life.next(loaded(1.2)).workers == 3);
  CHECK(life.stay(pace.recover + interval, 0.2).workers == 4);
}
