#include "sql/type.h"

#include "sql/function.h"
#include "test/support/catch.h"

using namespace dbtool;

TEST_CASE("Spellings of a column's type become one", "[sql]") {
  struct Case {
    const char* spelling;
    const char* canonical;
  };
  for (const auto& [spelling, canonical] : std::vector<Case>{
           {"int", "integer"},
           {"INT4", "integer"},
           {"pg_catalog.int8", "bigint"},
           {"varchar(10)", "character varying(10)"},
           {"character varying", "character varying"},
           {"char", "character(1)"},
           {"\"char\"", "\"char\""},
           {"decimal(10, 2)", "numeric(10,2)"},
           {"numeric(10)", "numeric(10,0)"},
           {"numeric", "numeric"},
           {"float", "double precision"},
           {"float(20)", "real"},
           {"timestamptz", "timestamp with time zone"},
           {"timestamp(3)", "timestamp(3) without time zone"},
           {"timestamp(3) with time zone", "timestamp(3) with time zone"},
           {"time", "time without time zone"},
           {"text array", "text[]"},
           {"int[3][]", "integer[]"},
           {"varchar(10)[]", "character varying(10)[]"},
           {"bit", "bit(1)"},
           {"public.mood", "mood"},
           {"other.\"Odd Type\"[]", "other.\"Odd Type\"[]"},
           {"interval", "interval"},
           {"interval day to second(3)", "interval day to second(3)"},
           {"geometry(Point,4326)", "geometry(point,4326)"},
       }) {
    INFO(spelling);
    CHECK(sql::canonical_type(spelling) == canonical);
    CHECK(sql::canonical_type(canonical) == canonical);
  }
}

TEST_CASE("Names of types have parts", "[sql]") {
  const auto plain = sql::parse_type_name("\"Odd \"\"Type\"[]");
  REQUIRE(plain);
  CHECK(plain->name == "Odd \"Type");
  CHECK(plain->is_array);
  const auto column = sql::parse_type_name("s.t.c%type");
  REQUIRE(column);
  CHECK(column->schema == "s");
  CHECK(column->name == "t");
  CHECK(column->column == "c");
  CHECK(sql::parse_type_name("t.c%type")->schema.empty());
  CHECK_FALSE(sql::parse_type_name("double precision"));
  CHECK_FALSE(sql::parse_type_name("a.b.c"));
  CHECK_FALSE(sql::parse_type_name("c%type"));
  CHECK_FALSE(sql::parse_type_name(""));
}

TEST_CASE("Functions that a script makes and drops", "[sql]") {
  const auto found = sql::function_statements_of_block(R"(begin
    create or replace function a(x int default f(1)) returns int language sql as 'drop function no();';
    drop function if exists public."B"(int, text), c;
    if true then DROP FUNCTION other.d(); end if;
    alter function e(int) stable;
    drop table function_table;
    create table t (a int default f(1));
    execute 'create function g() returns int language sql as $$ select 1 $$';
  end)");
  REQUIRE(found.size() == 5);
  CHECK(found[0].name == "a");
  CHECK_FALSE(found[0].dropped);
  CHECK(found[0].arguments == "x int default f(1)");
  CHECK(found[1].name == "B");
  CHECK(found[1].dropped);
  CHECK(found[1].arguments == "int, text");
  CHECK(found[2].name == "c");
  CHECK_FALSE(found[2].arguments);
  CHECK(found[3].name == "e");
  CHECK(found[4].name == "g");
  CHECK(found[4].arguments == "");
  CHECK(sql::function_statements_of_script("drop function a; create function b() returns int return 1;")
            .size() == 2);
  CHECK(sql::function_statements_of_block("begin drop function").size() <= 1);
}
