#include "online/pace.h"

#include "online/scan_watch.h"
#include "test/support/catch.h"

using namespace std::chrono_literals;
using dbtool::online::next_batch_size;
using dbtool::online::ScanWatch;

TEST_CASE("The size of a batch follows the time, by at most a factor of two", "[online]") {
  CHECK(next_batch_size(100, 100, 50ms, 50ms) == 100);
  CHECK(next_batch_size(100, 100, 1ms, 50ms) == 200);
  CHECK(next_batch_size(100, 100, 10s, 50ms) == 50);
  CHECK(next_batch_size(100, 100, 40ms, 50ms) == 125);
  CHECK(next_batch_size(1, 1, 10s, 50ms) == 1);
  CHECK(next_batch_size(1'000'000, 1'000'000, 1ms, 50ms) == 1'000'000);
}

TEST_CASE("A batch that the end of the rows cut short does not make the next one large", "[online]") {
  CHECK(next_batch_size(1000, 3, 50ms, 50ms) == 500);
  CHECK(next_batch_size(1000, 0, 1ms, 50ms) == 1000);
}

TEST_CASE("The size settles near the target for a steady cost", "[online]") {
  int size = dbtool::online::first_batch_size;
  for (int batch = 0; batch < 12; ++batch)
    size = next_batch_size(size, size, std::chrono::microseconds(size * 20), 50ms);
  CHECK(size == 2500);
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
