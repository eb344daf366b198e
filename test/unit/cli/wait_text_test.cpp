#include "cli/wait_text.h"

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::cli;

namespace {

StepCost holding(const std::vector<LockCost>& locks) {
  StepCost cost;
  cost.locks = locks;
  return cost;
}

}  // namespace

TEST_CASE("Of the tables that services wait for, the plan tells the longest waits first", "[cli][window]") {
  const StepCost cost = holding({{"a", "ShareLock", 0, 1, 0},
                                 {"b", "AccessExclusiveLock", 0, 0.5, 0},
                                 {"b", "ShareLock", 0, 2, 0},
                                 {"c", "RowExclusiveLock", 0, 900, 0},
                                 {"d", "AccessExclusiveLock", 0, 1, 0}});
  const std::vector<std::string> expected{"readers and writers of b wait 2.0 s (as rehearsed)",
                                          "readers and writers of d wait 1.0 s (as rehearsed)",
                                          "writers of a wait 1.0 s (as rehearsed)"};
  CHECK(wait_texts(cost) == expected);
  CHECK(foremost_wait_texts(cost) == expected);
  CHECK(foremost_wait_texts(holding({})).empty());
}

TEST_CASE("Tables beyond the first five are told by their number and their longest wait", "[cli][window]") {
  std::vector<LockCost> locks;
  for (int at = 1; at <= 9; ++at)
    locks.push_back({"table_" + std::to_string(at), "AccessExclusiveLock", 0, at * 10.0, 0});
  const std::vector<std::string> told = foremost_wait_texts(holding(locks));
  REQUIRE(told.size() == 6);
  CHECK(told.front() == "readers and writers of table_9 wait 1 min 30 s (as rehearsed)");
  CHECK(told[4] == "readers and writers of table_5 wait 50 s (as rehearsed)");
  CHECK(told.back() == "and those of 4 more tables, at most 40 s");
  CHECK(wait_texts(holding(locks)).size() == 9);
  locks.erase(locks.begin(), locks.begin() + 3);
  CHECK(foremost_wait_texts(holding(locks)).back() == "and those of 1 more table, 40 s");
}
