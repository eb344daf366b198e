#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;
using Catch::Contains;

namespace {

/// Version 1 makes `source` with 100 rows, version 2 functions with these bodies in SQL.
void write_functions(const RunFixture& fixture, const std::string& batch, const std::string& is_complete) {
  fixture.write_scripts(1,
                        "begin\n  create table source (id int primary key);\n  create table copy (id int);\n"
                        "  insert into source select generate_series(1, 100);\nend",
                        "begin\n  drop table source, copy;\nend");
  fixture.write_scripts(
      2,
      "begin\n  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb)\n"
      "    returns table (count integer, state jsonb) language sql as $$" +
          batch +
          "$$;\n  create function online_migration_v2_is_complete() returns boolean language sql as $$" +
          is_complete + "$$;\nend",
      "begin\n  null;\nend");
}

const std::string move =
    "with moved as (delete from source where id in (select id from source order by id limit batch_size_in) "
    "returning id), put as (insert into copy select id from moved) ";
const std::string none_left = "select not exists (select from source)";

void check_fails(RunFixture& fixture, const std::string& told) {
  try {
    fixture.upgrade(2);
    FAIL("it went on");
  } catch (const run::StepError& error) {
    CHECK(error.exit_code() == ExitCode::failed);
    CHECK_THAT(error.what(), Contains(told));
    CHECK_THAT(error.facts().state, Contains("DATABASE IS AT 2") && Contains("unfinished"));
  }
}

}  // namespace

TEST_CASE("A batch function that returns no count of rows is refused, and nothing of its batch kept",
          "[online]") {
  RunFixture fixture;
  const auto [count, told] = GENERATE(table<std::string, std::string>({
      {"case when count(*) < 0 then 1 end", "online_migration_v2_batch returned null as its count"},
      {"(0 * count(*) - 5)::integer", "online_migration_v2_batch returned -5 as its count"},
  }));
  write_functions(fixture, move + "select " + count + ", '{}'::jsonb from moved", none_left);
  check_fails(fixture, told);
  CHECK(fixture.text("select count(*) from source") == "100");
  CHECK(fixture.text("select count(*) from copy") == "0");

  // Mended in the database, the same command goes on.
  fixture.database.exec(
      "create or replace function online_migration_v2_batch(batch_size_in integer, state_in jsonb) returns "
      "table (count integer, state jsonb) language sql as $$" +
      move + "select count(*)::integer, '{}'::jsonb from moved$$");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "100");
}

TEST_CASE("A function that says neither that all is moved nor that it is not is refused", "[online]") {
  RunFixture fixture;
  write_functions(fixture, move + "select count(*)::integer, '{}'::jsonb from moved",
                  "select case when not exists (select from source) then true end");
  check_fails(fixture, "online_migration_v2_is_complete returned null");
  CHECK(fixture.text("select count(*) from source") == "100");

  fixture.database.exec(
      "create or replace function online_migration_v2_is_complete() returns boolean language sql as $$" +
      none_left + "$$");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "100");
}

TEST_CASE("A pass that moves nothing while not all is moved is told of before it is repeated", "[online]") {
  RunFixture fixture;
  write_functions(fixture, "select 0, '{}'::jsonb", none_left);
  int passes_before = -1;
  fixture.on_event = [&](const Event& event) {
    const auto* message = std::get_if<Message>(&event);
    if (message == nullptr || message->level != Message::Level::warning) return;
    if (message->text.find("moved no row") == std::string::npos) return;
    CHECK_THAT(message->text,
               Contains("online_migration_v2_batch") && Contains("online_migration_v2_is_complete"));
    CHECK(passes_before == -1);  // once
    passes_before = static_cast<int>(fixture.events_of<BatchDone>().size());
    // Whoever reads it mends the function while the passes go on.
    fixture.database.exec(
        "create or replace function online_migration_v2_batch(batch_size_in integer, state_in jsonb) "
        "returns table (count integer, state jsonb) language sql as $$" +
        move + "select count(*)::integer, '{}'::jsonb from moved$$");
  };
  CHECK(fixture.upgrade(2) == 2);
  CHECK(passes_before == 1);
  CHECK(fixture.text("select count(*) from copy") == "100");
}
