#include "base/memory.h"

#include <cstdint>

#include "test/support/catch.h"

using namespace dbtool;

TEST_CASE("the memory that is available is some, and no more than machines have", "[base]") {
  CHECK(available_memory() > std::uint64_t{1} << 20);
  CHECK(available_memory() < std::uint64_t{1} << 50);
}
