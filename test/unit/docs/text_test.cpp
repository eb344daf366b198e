#include "docs/text.h"

#include "test/support/catch.h"

using namespace dbtool;
using docs::Where;

TEST_CASE("A text in HTML is no markup", "[docs]") {
  CHECK(docs::html(std::string_view("</script><b a=\"1\" b='2'>&amp;")) ==
        "&lt;/script&gt;&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;");
  CHECK(docs::html(std::string_view("a\nb\tc\x01\x7F")) == "a\nb\tc\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("A text in Markdown is no markup", "[docs]") {
  CHECK(docs::markdown(std::string_view("a | b\n\n<img src=x> *x* [y](z) `q` c:\\d")) ==
        "a \\| b \\<img src=x\\> \\*x\\* \\[y\\](z) \\`q\\` c:\\\\d");
  CHECK(docs::markdown(std::string_view("# no heading")) == "\\# no heading");
  CHECK(docs::markdown(std::string_view("- no list")) == "\\- no list");
  CHECK(docs::markdown(std::string_view("12. no list")) == "12\\. no list");
  CHECK(docs::markdown(std::string_view("12 monkeys")) == "12 monkeys");
}

TEST_CASE("Code in Markdown keeps what it holds", "[docs]") {
  CHECK(docs::markdown_code("a") == "`a`");
  CHECK(docs::markdown_code("").empty());
  CHECK(docs::markdown_code("a`b``c") == "```a`b``c```");
  CHECK(docs::markdown_code("`a`") == "`` `a` ``");
  CHECK(docs::markdown_code("a|b") == "`a|b`");
  CHECK(docs::markdown_code("a|b", Where::cell) == "`a\\|b`");
  CHECK(docs::markdown_code("a\n  b") == "`a b`");
  CHECK(docs::markdown_fence("x ```` y", "sql") == "`````sql\nx ```` y\n`````\n");
  CHECK(docs::markdown_fence("x\n", "") == "```\nx\n```\n");
}

TEST_CASE("Descriptions show what stands between backticks as code", "[docs]") {
  const docs::Phrase phrase = docs::phrase_of(" Replace it if `a|b` is\ntrue, else `nothing. ");
  CHECK(phrase == docs::Phrase{docs::plain("Replace it if "), docs::code("a|b"),
                               docs::plain(" is\ntrue, else `nothing.")});
  CHECK(docs::html(phrase) == "Replace it if <code>a|b</code> is true, else `nothing.");
  CHECK(docs::markdown(phrase, Where::cell) == "Replace it if `a\\|b` is true, else \\`nothing.");
  CHECK(docs::phrase_of("").empty());
  CHECK(docs::html(docs::phrase_of("a `` b")) == "a `` b");
}

TEST_CASE("Names of files and anchors are plain and differ", "[docs]") {
  CHECK(docs::plain_name("task_groups-2") == "task_groups-2");
  CHECK(docs::plain_name("v1.2") == "v1.2");
  CHECK(docs::plain_name("..") == "=2E=2E");
  CHECK(docs::plain_name("a/b") == "a=2Fb");
  CHECK(docs::plain_name("") == "=");
  CHECK(docs::plain_name("Tasks") != docs::plain_name("tasks"));
  CHECK(docs::plain_name("=2F") != docs::plain_name("/"));
  const std::string longest(500, 'a');
  CHECK(docs::plain_name(longest).size() == 120);
  CHECK(docs::plain_name(longest) != docs::plain_name(longest + "a"));
  CHECK(docs::anchor("table", "a b") == "table-a=20b");
}
