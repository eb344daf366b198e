#include "sql/parse.h"

#include "test/support/catch.h"

using namespace dbtool;

TEST_CASE("Argument lists are understood", "[sql]") {
  struct Case {
    const char* args;
    std::vector<sql::Argument> arguments;
    const char* signature;
  };
  for (const auto& [args, expected, signature] : std::vector<Case>{
           {"", {}, ""},
           {" -- none\n", {}, ""},
           {"a int", {{"in", "a", "integer"}}, "integer"},
           {"in A INT4, b pg_catalog.int8",
            {{"in", "a", "integer"}, {"in", "b", "bigint"}},
            "integer, bigint"},
           {"text, jsonb", {{"in", "", "text"}, {"in", "", "jsonb"}}, "text, jsonb"},
           {"a timestamptz, b timestamp with time zone, c timestamp(3)",
            {{"in", "a", "timestamp with time zone"},
             {"in", "b", "timestamp with time zone"},
             {"in", "c", "timestamp without time zone"}},
            "timestamp with time zone, timestamp with time zone, timestamp without time zone"},
           {"a varchar(10), b char(3), c numeric(10, 2), d \"char\"",
            {{"in", "a", "character varying"},
             {"in", "b", "character"},
             {"in", "c", "numeric"},
             {"in", "d", "\"char\""}},
            "character varying, character, numeric, \"char\""},
           {"a text[], b int array, c int[][3]",
            {{"in", "a", "text[]"}, {"in", "b", "integer[]"}, {"in", "c", "integer[]"}},
            "text[], integer[], integer[]"},
           {"out a int, inout b text, variadic c text[]",
            {{"out", "a", "integer"}, {"inout", "b", "text"}, {"variadic", "c", "text[]"}},
            "text, text[]"},
           {"a int default 1, b text = 'x, y', c jsonb := json_object('a': 1 returning jsonb)",
            {{"in", "a", "integer", true, "1"},
             {"in", "b", "text", true, "'x, y'"},
             {"in", "c", "jsonb", true, "json_object('a': 1 returning jsonb)"}},
            "integer, text, jsonb"},
           {"\"Odd name\" \"My Type\", b public.task_priority, c tasks.id%type",
            {{"in", "Odd name", "\"My Type\""},
             {"in", "b", "public.task_priority"},
             {"in", "c", "tasks.id%type"}},
            "\"My Type\", public.task_priority, tasks.id%type"},
       }) {
    INFO(args);
    const auto arguments = sql::parse_arguments(args);
    REQUIRE(arguments);
    CHECK(*arguments == expected);
    CHECK(sql::drop_signature(args) == signature);
  }
}

TEST_CASE("An argument list that is not understood is nothing", "[sql]") {
  CHECK_FALSE(
      sql::parse_arguments("a"
                           " b c"));
  CHECK_FALSE(sql::parse_arguments("a int) returns int language x as ''; select (1"));
  CHECK(sql::drop_signature("a frob nicate default 3, b int") == "a frob nicate, b int");
}

TEST_CASE("Return types are understood", "[sql]") {
  CHECK(sql::parse_returns("void") == sql::ReturnType{false, "void", {}});
  CHECK(sql::parse_returns("SETOF int") == sql::ReturnType{true, "integer", {}});
  CHECK(sql::parse_returns("setof tasks") == sql::ReturnType{true, "tasks", {}});
  CHECK(sql::parse_returns("text[]") == sql::ReturnType{false, "text[]", {}});
  CHECK(sql::parse_returns("table (a int, \"B\" timestamptz) -- rows") ==
        sql::ReturnType{
            true, "record", {{"table", "a", "integer"}, {"table", "B", "timestamp with time zone"}}});
  CHECK(sql::parse_returns("tasks.id%type") == sql::ReturnType{false, "tasks.id%type", {}});
  CHECK_FALSE(sql::parse_returns("two words more"));
  CHECK_FALSE(sql::parse_returns(""));
}
