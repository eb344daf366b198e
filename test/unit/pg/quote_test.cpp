#include "pg/quote.h"

#include <utility>

#include "base/error.h"
#include "test/support/catch.h"

namespace pg = dbtool::pg;

TEST_CASE("identifiers are always quoted", "[pg]") {
  CHECK(pg::quote_identifier("tasks") == "\"tasks\"");
  CHECK(pg::quote_identifier("a\"b") == "\"a\"\"b\"");
}

TEST_CASE("qualified names are split as the server splits them", "[pg]") {
  using Parts = std::pair<std::string, std::string>;
  CHECK(pg::split_qualified("tcversion") == Parts{"public", "tcversion"});
  CHECK(pg::split_qualified("DbTool.Version") == Parts{"dbtool", "version"});
  CHECK(pg::split_qualified("\"Db.Tool\".\"a\"\"b\"") == Parts{"Db.Tool", "a\"b"});
  CHECK(pg::quote_qualified("dbtool.version") == "\"dbtool\".\"version\"");
  for (const char* wrong : {"", ".", "a.", ".a", "a.b.c", "a b", "\"a", "1a", "a;drop", "\"\""}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(pg::split_qualified(wrong), dbtool::Error);
  }
}

TEST_CASE("literals survive quotes and backslashes", "[pg]") {
  CHECK(pg::quote_literal("it's") == "'it''s'");
  CHECK(pg::quote_literal("a\\'b") == "E'a\\\\''b'");
}

TEST_CASE("dollar quotes use a tag that the text does not hold", "[pg]") {
  CHECK(pg::dollar_quote("x") == "$dbtool$x$dbtool$");
  CHECK(pg::dollar_quote("a $dbtool$ b") == "$dbtool1$a $dbtool$ b$dbtool1$");
  CHECK(pg::dollar_quote("ends in $dbtool") == "$dbtool1$ends in $dbtool$dbtool1$");
}

TEST_CASE("array literals escape what an array's text may not hold", "[pg]") {
  CHECK(pg::array_literal({}) == "{}");
  CHECK(pg::array_literal({"a", "b\"\\", "", "null"}) == R"({"a","b\"\\","","null"})");
}
