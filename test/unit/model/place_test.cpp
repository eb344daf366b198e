#include "model/place.h"

#include "test/support/catch.h"

using dbtool::Place;
using dbtool::SqlText;

TEST_CASE("A place inside SQL is line and column of the file", "[model]") {
  const SqlText block{"begin\n  créé x;\nend", Place{"versions/0001.yml", 4, 3}, 2};
  CHECK(to_text(block.locate(0)) == "versions/0001.yml:4:3");
  CHECK(block.locate(8).line == 5);
  CHECK(block.locate(8).column == 5);
  // A column counts characters: é is two bytes.
  CHECK(block.locate(15).column == 10);
  CHECK(block.locate(1000).line == 6);
}

TEST_CASE("A place inside folded text is the value's first line", "[model]") {
  const SqlText folded{"begin end", Place{"versions/0001.yml", 4, 3}, -1};
  CHECK(folded.locate(5) == folded.place);
}
