#include "rows/hints.h"

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "rows/equations.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::rows;

TEST_CASE("Texts are made that a pattern matches", "[rows]") {
  for (const char* const pattern :
       {"^[a-z][a-z0-9-]{2,19}$", "^[A-Za-z0-9_-]{8}[Q-T][AQgw]$", "^(red|green)-[0-9]+$", "^a?b*c+$",
        "^\\d{4}-\\d{2}\\.\\w+$", "^[^0-9 ]{3}$", "^(?:ab){2,3}(c|)$", "^x{3}y{2,}$",
        "^[[:digit:]]+[.-][]a]$", "^.*$", "^((a|b)c){2}$", "^\\[\\]$"}) {
    INFO(pattern);
    // std::regex wants the bracket that stands first in a class escaped.
    std::string same = pattern;
    if (const auto at = same.find("[]a]"); at != std::string::npos) same.replace(at, 4, "[\\]a]");
    std::set<std::string> texts;
    for (unsigned choice = 0; choice < 40; ++choice) {
      const std::string text = sample_pattern(pattern, choice * 7919);
      INFO(text);
      CHECK(std::regex_match(text, std::regex(same)));
      texts.insert(text);
    }
    if (std::string(pattern) != "^\\[\\]$") CHECK(texts.size() > 1);
  }
}

TEST_CASE("A pattern that is cut off or nested deeply ends all the same", "[rows]") {
  for (const char* const pattern :
       {"[", "(", "a{", "a{2", "[[:", "[a", "\\", "*", ")", "((((a*)*)*)*", "[[:alpha", "(?"}) {
    INFO(pattern);
    CHECK(sample_pattern(pattern, 3).size() < 100'000);
  }
}

TEST_CASE("Texts are made that a pattern of like matches", "[rows]") {
  CHECK(sample_like("task-%", 0) == "task-");
  CHECK(sample_like("task-%", 3) == "task-aaa");
  CHECK(sample_like("_\\%_", 1) == "b%b");
}

TEST_CASE("Each comparison of an expression gives its columns and constants", "[rows]") {
  const auto hints = read_hints(
      R"(((a >= 17) AND (b = ANY (ARRAY['x'::text, 'y'::text])) AND ((c ~ '^z+$'::text) OR (c ~~ 'q%'::text)) AND ("D e" < a)))");
  REQUIRE(hints.size() == 5);
  CHECK(hints[0].columns == std::set<std::string>{"a"});
  CHECK(hints[0].numbers == std::vector<std::string>{"17"});
  CHECK(hints[1].strings == std::vector<std::string>{"x", "y"});
  CHECK(hints[2].patterns == std::vector<std::string>{"^z+$"});
  CHECK(hints[3].likes == std::vector<std::string>{"q%"});
  CHECK(hints[4].columns == std::set<std::string>{"D e", "a"});
  CHECK(read_hints("this is no expression").empty());
}

TEST_CASE("The numbers of a hash partition are no values", "[rows]") {
  const auto hints = read_hints("satisfies_hash_partition('16401'::oid, 4, 0, id)");
  REQUIRE(hints.size() == 1);
  CHECK(hints[0].columns == std::set<std::string>{"id"});
  CHECK(hints[0].strings.empty());
  CHECK(hints[0].numbers.empty());
}

TEST_CASE("Equations give a column by others", "[rows]") {
  const auto equations = read_equations(
      R"(((total > 1) AND ((total)::numeric = (price * (amount)::numeric)) AND (((a || ')'::text) || b) = "Full")))");
  REQUIRE(equations.size() == 2);
  CHECK(equations[0].column == "total");
  CHECK(equations[0].expression == " (price * (amount)::numeric)");
  CHECK(equations[0].others == std::set<std::string>{"amount", "price"});
  CHECK(equations[1].column == "Full");
  CHECK(equations[1].expression == "((a || ')'::text) || b) ");
  for (const char* const none :
       {"a = 3", "a = a + 1", "(a = b) or c", "not (a = b)", "a < b", "t.* = a", "a ="}) {
    INFO(none);
    CHECK(read_equations(none).empty());
  }
}
