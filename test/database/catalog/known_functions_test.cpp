#include "catalog/full/known_functions.h"

#include <string>

#include "catalog/full.h"
#include "test/support/catch.h"
#include "test/support/database.h"

using namespace dbtool;

namespace {

/// A text that shows where two of these differ.
std::string text_of(const Catalog& catalog) {
  std::string text;
  for (const Object& object : catalog) {
    text += object.kind + " " + object.identity;
    for (const auto& [name, value] : object.facts) text += "; " + name + ": " + value;
    for (const std::string& whole : object.part_of) text += "; part of " + whole;
    text += "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("A reading that knows the functions of the last one sees what any other sees",
          "[catalog][scratch]") {
  test::Database database;
  const std::string role = database.create_role("queue");
  pg::Connection connection = database.connect();
  const catalog::FullRequest request{"dbtool.version", database.user_prefix(), "", {}};
  catalog::KnownFunctions known;
  connection.exec("create function public.born(a integer) returns integer language sql as 'select a'");
  const std::string changes[] = {
      "select",
      R"(create schema app;
         create type app.mood as enum ('sad', 'glad');
         create table app.things (id bigint primary key, mood app.mood);
         create function app.plain(m app.mood, t app.things) returns setof app.things language sql
           as 'select * from app.things';
         create function app.helper() returns integer language sql immutable as 'select 1';
         create function app.of_defaults(a integer default app.helper()) returns integer language sql as 'select a';
         create function app.of_sql(a integer) returns integer return a + app.helper();
         create procedure app.procedure() language sql as '')",
      "create or replace function app.plain(m app.mood, t app.things) returns setof app.things language sql "
      "as 'select * from app.things limit 1'",
      "alter function app.helper() rename to help",  // named by the default of another, and by its body
      "alter type app.mood rename to feeling",
      "alter table app.things rename to stuff",
      "alter table app.stuff add column more text",
      "alter type app.feeling set schema public",
      "comment on function app.help() is 'helps'",
      "comment on function app.help() is 'helps a lot'",
      "comment on function app.help() is null",
      "alter schema app rename to other",
      "alter function public.born(integer) set schema other",
      "alter function other.born(integer) strict stable security definer cost 7 set search_path = public, "
      "other",
      "alter function other.born(integer) owner to " + role,
      "alter function other.born(integer) owner to postgres",
      "alter role " + role + " rename to " + database.user_prefix() + "_renamed",
      "alter function other.born(integer) owner to " + database.user_prefix() + "_renamed",
      "alter role " + database.user_prefix() + "_renamed rename to " + role,
      "alter function other.born(integer) owner to postgres",
      R"(do $$ begin
           for i in 1 .. 3 loop
             begin
               execute format('create or replace function other.turn() returns integer language sql as %L', 'select ' || i);
               if i = 3 then raise 'back'; end if;
             exception when raise_exception then null;
             end;
           end loop;
         end $$)",
      "drop function other.turn(); create function other.turn() returns integer language sql as 'select 2'",
      "begin; drop function other.turn(); rollback",
      "create type other.span as range (subtype = integer)",
      "create function other.between(s other.span) returns other.span language sql as 'select s'",
      "drop type other.span cascade",
      "create extension pgcrypto schema other",
      "alter extension pgcrypto add function other.turn()",
      "alter extension pgcrypto drop function other.turn()",
      "alter extension pgcrypto drop function other.gen_salt(text)",
      "grant execute on function other.turn() to " + role,
      "drop extension pgcrypto",
      "alter function other.turn() rename to turned; create function other.turn() returns text language sql "
      "as 'select chr(65)'",
      "drop schema other cascade",
  };
  for (const std::string& change : changes) {
    INFO(change);
    connection.exec(change);
    const std::string expected = text_of(catalog::read_full(connection, request));
    CHECK(text_of(catalog::read_full(connection, request, &known)) == expected);
    CHECK(text_of(catalog::read_full(connection, request, &known)) == expected);
  }
}

TEST_CASE("A reading that failed leaves nothing to be believed", "[catalog][scratch]") {
  const test::Database database;
  pg::Connection connection = database.connect();
  const catalog::FullRequest request{"dbtool.version", database.user_prefix(), "", {}};
  catalog::KnownFunctions known;
  connection.exec("create function one() returns integer language sql as 'select 1'");
  const std::string expected = text_of(catalog::read_full(connection, request, &known));
  connection.exec("create or replace function two() returns integer language sql as 'select 2'");
  const std::string both = text_of(catalog::read_full(connection, request));
  // As it would be between the two round trips of a reading.
  const std::vector<pg::Result> seen = connection.batch(known.look());
  known.take_over(seen[0], seen[1], seen[2]);
  CHECK(text_of(catalog::read_full(connection, request, &known)) == both);
  CHECK(expected != both);
}
