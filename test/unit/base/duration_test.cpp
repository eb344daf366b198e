#include "base/duration.h"

#include "test/support/catch.h"

using namespace std::chrono_literals;
using dbtool::parse_duration;

TEST_CASE("durations are read as people and PostgreSQL write them", "[base]") {
  CHECK(parse_duration("300ms") == 300ms);
  CHECK(parse_duration("300") == 300ms);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("2 min") == 2min);
  CHECK(parse_duration("12h") == 12h);
  CHECK(parse_duration("0") == 0ms);
  for (const char* wrong : {"", "s", "-1s", "1 week", "1e300s", "nan", "5ss"}) CHECK(!parse_duration(wrong));
}

TEST_CASE("durations are shown in the unit that people would use", "[base]") {
  CHECK(dbtool::to_text(312ms) == "0.3 s");
  CHECK(dbtool::to_text(42s) == "42 s");
  CHECK(dbtool::to_text(432s) == "7 min 12 s");
  CHECK(dbtool::to_text(185min) == "3 h 05 min");
  CHECK(dbtool::to_text(52h) == "2 d 4 h");
}
