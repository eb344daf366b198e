#include "run/server_range.h"

#include "test/support/catch.h"

using namespace dbtool::run;

TEST_CASE("a server is in a range when every clause of it holds", "[run]") {
  CHECK(is_in_range(14, ">=14"));
  CHECK_FALSE(is_in_range(13, ">=14"));
  CHECK(is_in_range(16, ">14, <=16"));
  CHECK_FALSE(is_in_range(17, ">14, <=16"));
  CHECK(is_in_range(17, "17"));
  CHECK_FALSE(is_in_range(16, "= 17"));
  CHECK(is_in_range(12, ""));
}

TEST_CASE("without a server the version comes from what the settings ask for", "[run]") {
  CHECK(assumed_major("") == 15);
  CHECK(assumed_major(">=14") == 15);
  CHECK(assumed_major(">=16") == 16);
  CHECK(assumed_major("<15") == 14);
  CHECK(assumed_major(">17, <19") == 18);
  CHECK(assumed_major(">=17, <16") == 15);
}
