#include "catalog/mend/names.h"

#include <set>
#include <string>
#include <vector>

#include "test/support/catch.h"

namespace {

using namespace dbtool::catalog::mending;
using Names = std::set<std::string>;
using List = std::vector<std::string>;

}  // namespace

TEST_CASE("Names are found with their schemas", "[catalog][mend]") {
  CHECK(names_in("public.t.a") == Names{"public", "public.t", "public.t.a"});
  CHECK(names_in("nextval('public.s'::regclass)") == Names{"nextval", "public", "public.s", "regclass"});
  CHECK(names_in(R"("a ""b"", c"."D e")") == Names{R"("a ""b"", c")", R"("a ""b"", c"."D e")"});
  CHECK(names_in("public.e[]").contains("public.e"));
  CHECK(names_in("(a OPERATOR(public.===) b)").contains("public.==="));
  CHECK(names_in("a \" b").contains("b"));
  CHECK(names_in("").empty());
}

TEST_CASE("Lists are split outside quotes and parentheses", "[catalog][mend]") {
  CHECK(split_list("a, \"b, c\", 'd, e', numeric(10, 2)") ==
        List{"a", "\"b, c\"", "'d, e'", "numeric(10, 2)"});
  CHECK(split_list("'it''s, so', b") == List{"'it''s, so'", "b"});
  CHECK(split_list("").empty());
  CHECK(split_list("a: x, y; b: z", "; ") == List{"a: x, y", "b: z"});
}
