#include "sql/parse.h"
#include "test/support/catch.h"

using dbtool::sql::normalize;

namespace {

bool same(const char* a, const char* b) {
  return normalize(a) == normalize(b);
}

}  // namespace

TEST_CASE("Texts of one meaning are equal", "[sql]") {
  CHECK(same("task_id text, run_id integer", "task_id   text,\n  run_id INTEGER"));
  CHECK(same("a text -- the key\n, b text", "a text, /* the /* nested */ value */ b text"));
  CHECK(same("table (a text)", "TABLE(a text)"));
  CHECK(same("a int, b bool, c timestamptz", "a integer, b boolean, c timestamp with time zone"));
  CHECK(same("a timestamp", "a timestamp without time zone"));
  CHECK(same("in a text, out b text", "a text, out b text"));
  CHECK(same("a integer default 3", "a integer = 3"));
  CHECK(same("\"task_id\" text", "task_id text"));
  CHECK(same("a text []", "a text[]"));
  CHECK(same("", "  -- nothing\n"));
}

TEST_CASE("Texts of different meaning stay different", "[sql]") {
  CHECK_FALSE(same("a text", "b text"));
  CHECK_FALSE(same("a text, b text", "b text, a text"));
  CHECK_FALSE(same("\"Task\" text", "task text"));
  CHECK_FALSE(same("a \"char\"", "a char"));
  CHECK_FALSE(same("a text default 'A'", "a text default 'a'"));
  CHECK_FALSE(same("a text default 'a  b'", "a text default 'a b'"));
  CHECK_FALSE(same("a text default 'a--b'", "a text default 'a"));
  CHECK_FALSE(same("a text default $$A$$", "a text default $$a$$"));
  CHECK_FALSE(same("a text default E'\\'A'", "a text default E'\\'a'"));
  CHECK_FALSE(same("ab c", "a bc"));
  CHECK_FALSE(same("a timestamp", "a timestamptz"));
  CHECK_FALSE(same("text", "setof text"));
}

TEST_CASE("What is not terminated goes to the end", "[sql]") {
  for (const char* text :
       {"'abc", "\"abc", "\"", "$$abc", "$", "/* abc", "/*", "-- abc", "E'\\", "e'", "$x$", "\\"}) {
    CHECK_NOTHROW(normalize(text));
  }
}
