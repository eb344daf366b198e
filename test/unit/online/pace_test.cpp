#include "online/pace.h"

#include "online/scan_watch.h"
#include "test/support/catch.h"

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

TEST_CASE("The size settles near the target for a steady cost, within two seconds of work", "[online]") {
  Pace pace;
  std::chrono::microseconds spent{};
  while (pace.size() < 2250 || pace.size() > 2750) {
    const std::chrono::microseconds took(pace.size() * 20);
    spent += took;
    REQUIRE(spent < 2s);
    pace.done(pace.size(), took, 50ms);
  }
  for (int batch = 0; batch < 12; ++batch)
    pace.done(pace.size(), std::chrono::microseconds(pace.size() * 20), 50ms);
  CHECK(pace.size() == 2500);
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
