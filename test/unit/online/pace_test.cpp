#include "online/pace.h"

#include "base/clock.h"
#include "online/scan_watch.h"
#include "test/support/catch.h"

#include <algorithm>
#include <chrono>
#include <cmath>

using namespace std::chrono_literals;
using dbtool::online::Pace;
using dbtool::online::ScanWatch;
using dbtool::online::TableScanWatch;

namespace {

int size_after(int size, std::int64_t rows, std::chrono::microseconds took) {
  Pace pace(size);
  pace.done(rows, took, 50ms);
  return pace.size();
}

}  // namespace

TEST_CASE("The size of a batch follows the time, by at most a factor of two", "[online]") {
  CHECK(size_after(100, 100, 50ms) == 100);
  CHECK(size_after(100, 100, 1ms) == 200);
  CHECK(size_after(100, 100, 10s) == 50);
  CHECK(size_after(100, 100, 40ms) == 125);
  CHECK(size_after(1, 1, 10s) == 1);
  CHECK(size_after(1'000'000, 1'000'000, 1ms) == 1'000'000);
}

TEST_CASE("A batch that the end of the rows cut short does not make the next one large", "[online]") {
  CHECK(size_after(1000, 3, 50ms) == 500);
  CHECK(size_after(1000, 0, 1ms) == 1000);
}

TEST_CASE("The size is right within two seconds, whatever a row costs", "[online]") {
  const auto row = GENERATE(1us, 3us, 20us, 150us, 1000us, 4000us, 10'000us, 25'000us, 50'000us);
  const auto fixed = GENERATE(0us, 2000us, 5000us);  // what a batch takes however few its rows are
  const auto wished = GENERATE(20ms, 50ms);
  CAPTURE(row.count(), fixed.count(), wished.count());
  dbtool::SimulatedClock clock;
  Pace pace;
  const auto run_batch = [&] {
    const int size = pace.size();
    const std::chrono::microseconds took = fixed + size * row;
    // The clock counts milliseconds: rounded up, so that many small batches are not free.
    clock.advance(std::chrono::ceil<std::chrono::milliseconds>(took));
    pace.done(size, took, wished);
    CHECK(pace.size() <= 2 * size);
    CHECK(pace.size() >= size / 2);
  };
  const double right =
      std::max(1.0, static_cast<double>((wished - fixed).count()) / static_cast<double>(row.count()));
  const auto is_right = [&] { return std::fabs(pace.size() - right) <= std::max(0.1 * right, 1.0); };
  const auto began = clock.now();
  while (!is_right()) {
    run_batch();
    REQUIRE(clock.now() - began <= 2s);
  }
  for (int batch = 0; batch < 20; ++batch) {
    run_batch();
    CHECK(is_right());
  }
}

TEST_CASE("A batch that meets a lock is halved at once, and grows back by no more than double", "[online]") {
  Pace pace(4000);
  for (int batch = 0; batch < 5; ++batch) pace.done(4000, 40ms, 50ms);
  const int before = pace.size();
  pace.halve();
  CHECK(pace.size() == before / 2);
  pace.halve();
  CHECK(pace.size() == before / 4);
  const int after = pace.size();
  pace.done(after, 1ms, 50ms);
  CHECK(pace.size() == 2 * after);
}

TEST_CASE("One slow batch among steady ones changes nothing, a lasting slowness does", "[online]") {
  Pace pace(1000);
  for (int batch = 0; batch < 5; ++batch) pace.done(1000, 50ms, 50ms);
  CHECK(pace.size() == 1000);
  pace.done(1000, 2s, 50ms);
  CHECK(pace.size() == 1000);
  for (int batch = 0; batch < 3; ++batch) pace.done(pace.size(), 200us * pace.size(), 50ms);
  CHECK(pace.size() <= 500);
  for (int batch = 0; batch < 10; ++batch) pace.done(pace.size(), 200us * pace.size(), 50ms);
  CHECK(pace.size() == 250);
}

TEST_CASE("A batch that met a limit is halved, down to one row", "[online]") {
  Pace pace(5);
  pace.halve();
  CHECK(pace.size() == 2);
  pace.halve();
  pace.halve();
  CHECK(pace.size() == 1);
}

TEST_CASE("Reading the table for every range is a fault, reading a small one is not", "[online]") {
  TableScanWatch scanning, small, keyed;
  bool found = false;
  for (int batch = 0; batch < 5; ++batch) {
    found = scanning.observe(1'000'000, 100).has_value();
    CHECK_FALSE(small.observe(3000, 10));
    CHECK_FALSE(keyed.observe(90'000, 30'000));
  }
  CHECK(found);
}

TEST_CASE("Reading more and more for each row moved is a fault", "[online]") {
  ScanWatch watch;
  int batches = 0;
  while (batches < 20 && !watch.observe(1000 * (batches + 1), 100)) ++batches;
  CHECK(batches >= 4);
  CHECK(batches < 12);
}

TEST_CASE("Steady, noisy or shrinking batches are no fault", "[online]") {
  ScanWatch steady, noisy, shrinking, few;
  for (int batch = 1; batch <= 200; ++batch) {
    CHECK_FALSE(steady.observe(3000, 1000));
    CHECK_FALSE(noisy.observe(3000 + (batch % 3) * 500, 1000));
    CHECK_FALSE(shrinking.observe(100'000 - 400 * batch, 1000 - 4 * batch));
    CHECK_FALSE(few.observe(2 * batch, batch));
  }
}
