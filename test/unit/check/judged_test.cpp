#include "check/judged.h"

#include <algorithm>

#include "catalog/full.h"
#include "check/body.h"
#include "model/object_kinds.h"
#include "test/support/catch.h"

using namespace dbtool;

TEST_CASE("Patterns of ignore rules", "[check]") {
  CHECK(check::fits("tmp_*", "tmp_1"));
  CHECK(check::fits("tmp_*", "tmp_"));
  CHECK(check::fits("*", ""));
  CHECK(check::fits("a*b*c", "a-b-b-c"));
  CHECK(check::fits("a?c", "abc"));
  CHECK(check::fits("**x", "x"));
  CHECK_FALSE(check::fits("a?c", "ac"));
  CHECK_FALSE(check::fits("tmp", "tmp1"));
  CHECK_FALSE(check::fits("", "a"));
  CHECK_FALSE(check::fits("a*b", "acbd"));
  CHECK(check::fits("*a*a*a*a*a*a*a*a*", std::string(2000, 'a')));
  CHECK_FALSE(check::fits("*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

TEST_CASE("An ignore rule is for one kind", "[check]") {
  const std::vector<IgnoreRule> rules = {{"column", "tasks.*", "first"}, {"table", "tasks", "second"}};
  const check::Judged table{{}, "table", {"tasks"}};
  REQUIRE(check::ignored_by(rules, table) != nullptr);
  CHECK(check::ignored_by(rules, table)->reason == "second");
  CHECK(check::ignored_by(rules, {{}, "grant", {"tasks"}}) == nullptr);
}

TEST_CASE("Where two bodies differ", "[check]") {
  CHECK_FALSE(check::first_difference("begin\n a;\nend", "\nbegin\r\n a;\r\nend  \n"));
  const auto difference = check::first_difference("\nbegin\n  a;\nend", "begin\n  b;\nend");
  REQUIRE(difference);
  CHECK(difference->expected == "line 3: a;");
  CHECK(difference->found == "line 3: b;");
  CHECK(difference->offset == 7);
  CHECK(check::first_difference("a\nb", "a")->found == "no line 2");
  CHECK(check::first_difference("a", "a\nb")->expected == "no line 2");
  CHECK(check::first_difference(std::string(200, 'x') + "é", "y")->expected.size() < 100);
}

TEST_CASE("Whether defaults differ", "[check]") {
  CHECK_FALSE(check::defaults_differ("", ""));
  CHECK_FALSE(check::defaults_differ("1, 'x'", "1, 'x'::text"));
  CHECK_FALSE(check::defaults_differ("-1", "'-1'::integer"));
  CHECK_FALSE(check::defaults_differ("'2020-01-01'", "'2020-01-01 00:00:00+00'::timestamp with time zone"));
  CHECK_FALSE(check::defaults_differ("'t'", "true"));
  CHECK_FALSE(check::defaults_differ("1.50", "1.5"));
  CHECK_FALSE(check::defaults_differ("a + 1", "(a + 1)"));
  CHECK_FALSE(check::defaults_differ("json_object('a': 1 returning jsonb)", "x"));
  CHECK(check::defaults_differ("1", "2"));
  CHECK(check::defaults_differ("'a'", "'b'::text"));
  CHECK(check::defaults_differ("null", "'b'::text"));
  CHECK(check::defaults_differ("true", "false"));
  CHECK(check::defaults_differ("1, 2", "1"));
  CHECK(check::defaults_differ("", "1"));
}

TEST_CASE("A rule of ignore may name every kind that is compared", "[check]") {
  CHECK(std::is_sorted(object_kinds.begin(), object_kinds.end()));
  std::vector<std::string> kinds = catalog::kinds();
  kinds.insert(kinds.end(), {"table", "column", "grant", "user", "function"});
  for (const std::string& kind : kinds) {
    INFO(kind);
    CHECK(std::find(object_kinds.begin(), object_kinds.end(), kind) != object_kinds.end());
  }
}
