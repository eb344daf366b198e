#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;
using Catch::Contains;

namespace {

const std::string batch_function =
    "function online_migration_v2_batch(batch_size_in integer, state_in jsonb) "
    "returns table (count integer, state jsonb) language sql as "
    "'with moved as (delete from source where id in (select id from source limit batch_size_in) returning "
    "id), "
    "put as (insert into copy select id from moved) select count(*)::integer, null::jsonb from moved'";
const std::string is_complete_function =
    "function online_migration_v2_is_complete() returns boolean language sql as "
    "'select not exists (select from source)'";

void write_source(RunFixture& fixture, const std::string& script) {
  fixture.write_scripts(1,
                        "begin\n  create table source (id int primary key);\n  create table copy (id int);\n"
                        "  insert into source select generate_series(1, 100);\nend",
                        "begin\n  drop table source, copy;\nend");
  fixture.write_scripts(2, "begin\n" + script + "end", "begin\n  null;\nend");
  fixture.upgrade(1);
}

}  // namespace

TEST_CASE("The functions of an online migration are found however their names are written", "[online]") {
  RunFixture fixture;
  SECTION("in upper case") {
    write_source(fixture, "  create FUNCTION ONLINE_MIGRATION_V2_BATCH" +
                              batch_function.substr(batch_function.find('(')) +
                              ";\n  create FUNCTION Online_Migration_v2_Is_Complete" +
                              is_complete_function.substr(is_complete_function.find('(')) + ";\n");
  }
  SECTION("made by dynamic SQL, where the text names them elsewhere") {
    write_source(fixture, "  -- online_migration_v2_batch\n  execute $x$create " + batch_function +
                              "$x$;\n  execute $x$create " + is_complete_function + "$x$;\n");
  }
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "100");
  CHECK_FALSE(fixture.exists("public.online_migration_v2_batch"));
}

TEST_CASE("Functions of an online migration that the plan cannot know of are not passed over", "[online]") {
  RunFixture fixture;
  const auto [script, told] = GENERATE_COPY(table<std::string, std::string>({
      {"  execute format('create function online_migration_%s_batch" +
           std::string(
               "(integer, jsonb) returns table (count integer, state jsonb) language sql as $s$ select 0, "
               "null::jsonb $s$', 'v2');\n  execute format('create function "
               "online_migration_%s_is_complete() "
               "returns boolean language sql as $s$ select true $s$', 'v2');\n"),
       "whose name does not stand in its text"},
      {"  create " + batch_function + ";\n",
       "there is online_migration_v2_batch, but not online_migration_v2_is_complete"},
      {"  create " + is_complete_function + ";\n",
       "there is online_migration_v2_is_complete, but not online_migration_v2_batch"},
  }));
  write_source(fixture, script);
  CHECK_THROWS_WITH(fixture.upgrade(2), Contains(told));
  CHECK(fixture.version() == 1);
  CHECK_FALSE(fixture.exists("public.online_migration_v2_batch"));
  CHECK_FALSE(fixture.exists("public.online_migration_v2_is_complete"));
}

TEST_CASE("Functions left behind by an online migration of long ago are not in the way", "[online]") {
  RunFixture fixture;
  write_source(fixture, "  create " + batch_function + ";\n  create " + is_complete_function + ";\n");
  fixture.database.exec("create " + batch_function + "; create " + is_complete_function);
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "100");
}

TEST_CASE("Functions of an online migration that cannot be called are refused with their version",
          "[online]") {
  RunFixture fixture;
  const std::string complete = "  create " + is_complete_function + ";\n";
  const auto with_batch = [&](const std::string& signature, const std::string& body) {
    return "  create function online_migration_v2_batch" + signature + " language sql as '" + body + "';\n" +
           complete;
  };
  const std::string in = "(batch_size_in integer, state_in jsonb)";
  const auto [script, told] = GENERATE_COPY(table<std::string, std::string>({
      {with_batch("(batch_size_in integer) returns integer", "select 0"),
       "there is online_migration_v2_batch(integer)"},
      {with_batch("(integer, jsonb, integer default 1) returns table (count integer, state jsonb)",
                  "select 0, $2"),
       "there is online_migration_v2_batch(integer, jsonb, integer)"},
      {"  create " + batch_function + ";\n" +
           with_batch("(bigint, jsonb) returns table (count integer, state jsonb)", "select 0, $2"),
       "there is online_migration_v2_batch(bigint, jsonb)"},
      {with_batch(in + " returns integer", "select 0"), "online_migration_v2_batch does not return"},
      {with_batch(in + " returns table (moved integer, state jsonb)", "select 0, $2"),
       "online_migration_v2_batch does not return"},
      {with_batch(in + " returns table (count integer)", "select 0"),
       "online_migration_v2_batch does not return"},
      {with_batch(in + " returns table (count text, state jsonb)", "select '''', $2"),
       "online_migration_v2_batch does not return"},
      {with_batch(in + " returns table (count integer, state text)", "select 0, $2::text"),
       "online_migration_v2_batch does not return"},
      {"  create " + batch_function +
           ";\n  create function online_migration_v2_is_complete(integer) returns boolean language sql as "
           "'select true';\n",
       "there is online_migration_v2_is_complete(integer)"},
      {"  create " + batch_function +
           ";\n  create function online_migration_v2_is_complete() returns text language sql as "
           "'select ''yes''';\n",
       "online_migration_v2_is_complete does not return"},
  }));
  write_source(fixture, script);
  CHECK_THROWS_WITH(fixture.upgrade(2), Contains(told));
  CHECK(fixture.version() == 1);
  CHECK(fixture.text("select count(*) from pg_proc where proname ~ '^online_'") == "0");
  CHECK(fixture.text("select count(*) from pg_prepared_statements where name ~ 'online'") == "0");
}

TEST_CASE("Functions of an online migration may name what they return as output parameters", "[online]") {
  RunFixture fixture;
  write_source(
      fixture,
      "  create function online_migration_v2_batch(integer, jsonb, out state jsonb, out count bigint) "
      "language sql as 'with moved as (delete from source where id in (select id from source limit "
      "$1) returning id), put as (insert into copy select id from moved) select null::jsonb, "
      "count(*) from moved';\n  create " +
          is_complete_function + ";\n");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "100");
  CHECK_FALSE(fixture.exists("public.online_migration_v2_batch"));
}

TEST_CASE("Functions of an online migration whose number is not their version's are not passed over",
          "[online]") {
  RunFixture fixture;
  const std::string number = GENERATE("v02", "v3");
  const auto numbered = [&](std::string function) {
    function.replace(function.find("v2"), 2, number);
    return "  create " + function + ";\n";
  };
  // In a block of its own, which is a transaction within that of the version.
  write_source(fixture, numbered(batch_function) + "  begin\n  " + numbered(is_complete_function) +
                            "  exception when others then raise;\n  end;\n");
  CHECK_THROWS_WITH(fixture.upgrade(2), Contains("online_migration_" + number + "_batch") &&
                                            Contains("online_migration_v2_batch"));
  CHECK(fixture.version() == 1);
  CHECK(fixture.text("select count(*) from pg_proc where proname ~ '^online_'") == "0");
}

TEST_CASE("Functions of another version's online migration that were there before are let be", "[online]") {
  RunFixture fixture;
  std::string old = batch_function;
  old.replace(old.find("v2"), 2, "v7");
  write_source(fixture, "  create " + batch_function + ";\n  create " + is_complete_function + ";\n");
  fixture.database.exec("create " + old);
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.exists("public.online_migration_v7_batch"));
}
