#include "base/parallel.h"

#include <pthread.h>

#include <atomic>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "test/support/catch.h"

using namespace dbtool;

TEST_CASE("Every number is worked on once, by however many threads", "[base]") {
  for (const std::size_t count : {0U, 1U, 15U, 1000U}) {
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

TEST_CASE("Where no thread can be started the calling one works alone", "[base]") {
  pthread_attr_t usual{};
  pthread_attr_t too_large{};
  REQUIRE(pthread_getattr_default_np(&usual) == 0);
  REQUIRE(pthread_getattr_default_np(&too_large) == 0);
  // More stack than there are addresses: starting a thread fails as it does at a limit.
  REQUIRE(pthread_attr_setstacksize(&too_large, std::size_t{1} << 50U) == 0);
  REQUIRE(pthread_setattr_default_np(&too_large) == 0);
  CHECK_THROWS_AS(std::thread([] {}), std::system_error);
  std::vector<std::thread::id> threads(100);
  CHECK_NOTHROW(
      in_parallel(threads.size(), 4, [&](std::size_t i) { threads[i] = std::this_thread::get_id(); }));
  REQUIRE(pthread_setattr_default_np(&usual) == 0);
  pthread_attr_destroy(&usual);
  pthread_attr_destroy(&too_large);
  CHECK(threads == std::vector(threads.size(), std::this_thread::get_id()));
}
