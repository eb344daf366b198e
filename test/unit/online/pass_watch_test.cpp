#include "online/pass_watch.h"

#include "test/support/catch.h"

using dbtool::online::PassWatch;

namespace {

/// How many passes are made before the watch says that it is enough; 0: it never does.
int passes_until_told(PassWatch& watch, const std::vector<std::int64_t>& moved) {
  int passes = 0;
  for (const std::int64_t rows : moved) {
    ++passes;
    if (watch.observe(rows, 10'000)) return passes;
  }
  return 0;
}

}  // namespace

TEST_CASE("Passes that move the same rows again and again are told of, within the patience", "[online]") {
  PassWatch watch(5);
  CHECK(passes_until_told(watch, {20000, 20000, 20000, 20000, 20000, 20000, 20000}) == 6);
  CHECK(watch.passes() == 5);
  CHECK(watch.growth() == 0);
  CHECK(watch.moved().size() == 5);
}

TEST_CASE("After a first pass that moved much, a steady trickle is told of too", "[online]") {
  PassWatch watch(5);
  CHECK(passes_until_told(watch, {1'000'000, 50, 48, 55, 51, 46, 60, 47}) == 7);
}

TEST_CASE("Passes that become smaller go on, however many there are", "[online]") {
  PassWatch watch(3);
  std::vector<std::int64_t> moved;
  for (std::int64_t rows = 1'000'000'000; rows > 10; rows = rows * 8 / 10) moved.push_back(rows);
  CHECK(moved.size() > 50);
  CHECK(passes_until_told(watch, moved) == 0);
}

TEST_CASE("Now and then a pass may move more than the one before it", "[online]") {
  PassWatch watch(3);
  CHECK(passes_until_told(watch, {1000, 400, 500, 450, 300, 310, 200, 250, 100, 0}) == 0);
}

TEST_CASE("How much the walked table has grown meanwhile is told", "[online]") {
  PassWatch watch(2);
  CHECK_FALSE(watch.observe(500, 10'000));
  CHECK_FALSE(watch.observe(700, 10'700));
  CHECK(watch.observe(900, 11'600));
  CHECK(watch.growth() == 1600);
}
