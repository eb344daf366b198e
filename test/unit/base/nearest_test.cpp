#include "base/nearest.h"

#include "test/support/catch.h"

using dbtool::did_you_mean;
using dbtool::nearest;

TEST_CASE("a misspelt word gets the nearest known one", "[base]") {
  const std::vector<std::string> known{"upgrade", "downgrade", "status", "check"};
  CHECK(nearest("upgarde", known) == "upgrade");
  CHECK(nearest("Upgrade", known) == "upgrade");
  CHECK(nearest("downgrad", known) == "downgrade");
  CHECK(nearest("chek", known) == "check");
  CHECK(nearest("xylophone", known) == std::nullopt);
  CHECK(nearest("", known) == std::nullopt);
  CHECK(nearest("x", {}) == std::nullopt);
}

TEST_CASE("the hint is a clause to append", "[base]") {
  CHECK(did_you_mean("statsu", {"status"}) == "; did you mean status?");
  CHECK(did_you_mean("other", {"status"}).empty());
}
