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
