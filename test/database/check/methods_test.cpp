#include <algorithm>

#include "check/check.h"
#include "pg/connection.h"
#include "test/database/check/check_project.h"
#include "test/support/catch.h"
#include "test/support/database.h"

using namespace dbtool;

namespace {

std::string rules(const check::Outcome& outcome) {
  std::string text;
  for (const Finding& finding : outcome.findings) text += finding.rule + " " + finding.object + "; ";
  return text;
}

Project project_of(std::vector<Version> versions) {
  Project project;
  project.versions = std::move(versions);
  return project;
}

}  // namespace

TEST_CASE("Signatures that mean the same are not findings", "[check]") {
  struct Signature {
    const char* args;
    const char* returns;
  };
  const std::vector<Signature> signatures = {
      {"", "void"},
      {"a int", "INTEGER"},
      {"a int4, b int8, c int2, d float4, e float8, f bool", "float"},
      {"a varchar, b varchar(10), c char, d char(3), e bpchar, f \"char\", g character varying",
       "varchar(20)"},
      {"a timestamptz, b timestamp, c timestamp with time zone, d timestamp(3), e time, f timetz, g interval "
       "day",
       "date"},
      {"a numeric, b decimal(10,2), c dec, d numeric(4)", "numeric(3,1)"},
      {"a text[], b int array, c integer[][], d jsonb[3]", "text[]"},
      {"in a int, out b text, inout c int", "record"},
      {"out a int", "int"},
      {"out a int, out b int", "setof record"},
      {"variadic a text[]", "setof text"},
      {"a anyelement, b anyarray", "anyelement"},
      {"a mood, b public.mood, c mood[], d other.thing", "mood"},
      {"a mood", "other.thing[]"},
      {"a things", "setof things"},
      {"a things.id%type, b public.things.feeling%type", "things.feeling%type"},
      {"a \"Odd Type\", \"B c\" int", "\"Odd Type\""},
      {"a email", "email"},
      {"a int", "table (id int, \"When\" timestamptz, tags varchar[])"},
      {"a int", "table (id things.id%type)"},
      {"a int", "TABLE(id int)"},
      {"text, int", "boolean"},
      {"a uuid, b bytea, c json, d xml, e inet, f money, g bit, h bit varying(4), i varbit, j point, k oid, "
       "l name, m regclass",
       "name"},
      {"a int default 1, b text default 'x', c text = 'it''s', d jsonb default '{}', e timestamptz default "
       "now()",
       "int"},
      {"a int default -1, b bigint default 3000000000, c numeric default 1.50, d boolean default 't', e "
       "boolean default true",
       "int"},
      {"a text default null, b date default '2020-01-01', c int[] default array[1, 2], d mood default 'good'",
       "int"},
      {"a int default 1 + 1, b text default upper('a') || 'b', c interval default '1 day', d int default (2)",
       "int"},
      {"a int /* first */, -- and\n b text", "int -- answer"},
      {"a int,\n    b text\n", "table (\n  a2 int,\n  b2 text\n)"},
      {"a int", "int stable"},
      {"a int", "int immutable security definer"},
      {"a refcursor", "refcursor"},
      {"a national character varying(10), b nchar", "double precision"},
      {"", "trigger"},
      {"\"Select\" int, \"user\" text", "int"},
      {"A_In INT, B_In Text", "Text"},
      {"a int4range, b tsrange", "int4multirange"},
      {"a timestamp with time zone default '2020-01-01 00:00:00Z', b timestamp without time zone[] default "
       "null",
       "time with time zone"},
  };
  test::Database database;
  pg::Connection connection = database.connect();
  connection.exec(R"(
    create schema other;
    create type mood as enum ('good', 'bad');
    create type other.thing as (a int);
    create type "Odd Type" as (a int);
    create domain email as text;
    create table things (id bigint, feeling mood);
)");
  std::vector<Method> methods;
  for (const Signature& signature : signatures) {
    const std::string name = "method_" + std::to_string(methods.size());
    INFO(signature.args << " returns " << signature.returns);
    methods.push_back(test::method(name, signature.args, signature.returns, "begin\n -- " + name + "\nend"));
    connection.exec("create or replace function \"" + name + "\"(" + signature.args + "\n) returns " +
                    signature.returns + "\n as $$" + methods.back().body->text + "$$ language plpgsql");
  }
  Project project = project_of({test::version(1, "", std::move(methods))});
  project.tables = {{"things", {{"id", "bigint", false, {}}, {"feeling", "mood", false, {}}}, {}}};
  const auto outcome = check::check(connection, project, 1);
  CHECK(outcome.functions == static_cast<int>(signatures.size()));
  for (const Finding& finding : outcome.findings) {
    CHECK(finding.rule + " " + finding.object + ": " + finding.expected + " -> " + finding.found == "");
  }
}

TEST_CASE("A method is what its newest version says", "[check]") {
  test::Database database;
  pg::Connection connection = database.connect();
  Method deprecated = test::method("a", "", "int", "");
  deprecated.deprecated = true;
  deprecated.args.reset();
  const Project project = project_of({
      test::version(1, "", {test::method("a", "", "int", "begin return 1; end")}),
      test::version(2, "", {test::method("a", "", "int", "begin return 2; end")}),
      test::version(3, "", {deprecated}),
  });
  connection.exec("create function a() returns int language plpgsql as 'begin return 1; end'");
  CHECK(rules(check::check(connection, project, 1)) == "not-judged tables and grants; ");
  CHECK(rules(check::check(connection, project, 2)) ==
        "function-body function a(); not-judged tables and grants; ");
  CHECK(rules(check::check(connection, project, 3)) == "function-body function a(); ");
  connection.exec(
      "create or replace function a() returns int language plpgsql as E'\\r\\nbegin return 2; end\\r\\n  '");
  CHECK(rules(check::check(connection, project, 3)) == "");
  CHECK(rules(check::check(connection, project, 0)) ==
        "function-extra function a(); not-judged tables and grants; ");
}

TEST_CASE("What scripts do to functions is known", "[check]") {
  test::Database database;
  pg::Connection connection = database.connect();
  const Project project = project_of({
      test::version(1, "begin create function helper() returns int language sql as 'select 1'; end",
                    {test::method("replaced", "", "int", "begin return 1; end"),
                     test::method("dropped", "a int", "int", "begin return 1; end"),
                     test::method("other_dropped", "a int", "int", "begin return 1; end"),
                     test::method("typed", "a gone", "int", "begin return 1; end")}),
      test::version(2,
                    "begin\n create or replace function replaced() returns int language plpgsql as 'begin "
                    "return 2; end';\n"
                    "if true then drop function public.dropped(integer), other_dropped(text); end if;\n"
                    "drop type gone cascade; end",
                    {}),
      test::version(3, "", {test::method("helper", "", "int", "begin return 1; end")}),
  });
  connection.exec(R"(
    create function helper() returns int language sql as 'select 1';
    create function replaced() returns int language plpgsql as 'begin return 2; end';
    create function other_dropped(a int) returns int language plpgsql as 'begin return 1; end';)");
  // helper is a method of version 3, but also a helper that version 1 made.
  CHECK(rules(check::check(connection, project, 2)) ==
        "function-missing function typed(gone); not-judged tables and grants; ");
  CHECK(check::check(connection, project, 2).clean());
}

TEST_CASE("A function lives on under the new name of a table or type that its file knows by the old",
          "[check]") {
  test::Database database;
  pg::Connection connection = database.connect();
  const Project project = project_of({
      test::version(1, "begin create table gadgets (id text); create type humour as enum ('ok'); end",
                    {test::method("row_of", "w widgets", "setof widgets", "begin end"),
                     test::method("column_of", "a widgets.id%type", "table (m mood[])", "begin end"),
                     test::method("changed", "w widgets, n int", "void", "begin end")}),
  });
  connection.exec(R"(
    create type gadgets as (id text);
    create type humour as enum ('ok');
    create function row_of(w gadgets) returns setof gadgets language plpgsql as 'begin end';
    create function column_of(a text) returns table (m humour[]) language plpgsql as 'begin end';
    create function changed(w gadgets, n bigint) returns void language plpgsql as 'begin end';)");
  CHECK(rules(check::check(connection, project, 1)) ==
        "function-arguments function changed(gadgets, bigint); ");
}

TEST_CASE("A changed body is shown where it differs", "[check]") {
  test::Database database;
  pg::Connection connection = database.connect();
  const Project project =
      project_of({test::version(1, "", {test::method("a", "", "int", "begin\n  -- one\n  return 1;\nend")})});
  connection.exec("create function a() returns int language plpgsql as E'begin\n  -- one\n  return 2;\nend'");
  const auto outcome = check::check(connection, project, 1);
  REQUIRE(outcome.findings.size() == 1);
  CHECK(outcome.findings[0].expected == "line 3: return 1;");
  CHECK(outcome.findings[0].found == "line 3: return 2;");
  CHECK(outcome.findings[0].place.line == 16);
}
