#include "base/size.h"

#include "test/support/catch.h"

using dbtool::parse_size;
using dbtool::size_to_text;

TEST_CASE("sizes are read as people and PostgreSQL write them", "[base]") {
  CHECK(parse_size("200MB") == 200LL * 1024 * 1024);
  CHECK(parse_size("1.5 GB") == 1536LL * 1024 * 1024);
  CHECK(parse_size("64kb") == 65536);
  CHECK(parse_size("512") == 512);
  CHECK(parse_size("0") == 0);
  for (const char* wrong : {"", "MB", "-1MB", "1 week", "1e300GB", "nan", "inf", "5MBB", "2000000TB"}) {
    INFO(wrong);
    CHECK(!parse_size(wrong));
  }
}

TEST_CASE("sizes are shown in the unit that people would use", "[base]") {
  CHECK(size_to_text(512) == "512 bytes");
  CHECK(size_to_text(1024) == "1 kB");
  CHECK(size_to_text(1536 << 20) == "1.5 GB");
  CHECK(size_to_text(210 << 20) == "210 MB");
  CHECK(size_to_text(3LL << 40) == "3 TB");
}
