#include "base/parallel.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include "test/support/catch.h"

using namespace dbtool;

TEST_CASE("Every number is worked on once, by however many threads", "[base]") {
  for (const std::size_t count : {0, 1, 15, 1000}) {
    std::vector<std::atomic<int>> times(count);
    in_parallel(count, 4, [&](std::size_t i) { ++times.at(i); });
    for (const auto& one : times) CHECK(one.load() == 1);
  }
}

TEST_CASE("What a thread throws is thrown when all have ended", "[base]") {
  std::atomic<int> under_way = 0;
  const auto work = [&](std::size_t i) {
    ++under_way;
    if (i == 70) {
      --under_way;
      throw std::runtime_error("the seventieth");
    }
    --under_way;
  };
  CHECK_THROWS_WITH(in_parallel(1000, 4, work), "the seventieth");
  CHECK(under_way.load() == 0);
}
