#include "test/database/run/run_fixture.h"

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// Version 1 makes a table with doubles or without; version 2 indexes it outside of a transaction.
void write_two(const RunFixture& fixture, const std::string& rows) {
  fixture.write_scripts(1, "begin\n  create table one (id int);\n  insert into one values " + rows + ";\nend",
                        "begin\n  drop table one;\nend");
  fixture.write_scripts(
      2,
      "alter table one add column name text;\n"
      "create unique index concurrently one_id on one (id);\n"
      "create table two (id int)",
      "drop table if exists two;\n"
      "drop index concurrently if exists one_id;\n"
      "alter table one drop column if exists name",
      "transactional: false\n"
      "methods:\n  f:\n    description: d\n    mode: read\n    serviceName: queue\n    args: ''\n"
      "    returns: int\n    body: begin return 2; end\n"
      "verify:\n  upgrade:\n    - select to_regclass('one_id') is not null");
}

}  // namespace

TEST_CASE("A version runs statement by statement, up and down", "[run]") {
  RunFixture fixture;
  write_two(fixture, "(1), (2)");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.events_of<StatementDone>().size() == 3);
  CHECK(fixture.text("select indisvalid from pg_index where indexrelid = 'one_id'::regclass") == "t");
  CHECK(fixture.exists("public.f"));
  CHECK(fixture.text("select count(*) from dbtool.positions") == "0");
  CHECK(fixture.downgrade(1) == 1);
  CHECK_FALSE(fixture.exists("public.one_id"));
  CHECK_FALSE(fixture.exists("public.f"));
  CHECK(fixture.text("select count(*) from dbtool.positions") == "0");
}

TEST_CASE("A failed build is repaired when the version is resumed", "[run]") {
  RunFixture fixture;
  write_two(fixture, "(1), (1)");
  try {
    fixture.upgrade(2);
    FAIL("doubles were indexed");
  } catch (const run::StepError& error) {
    CHECK(error.facts().state == "DATABASE IS AT 1, version 2 is partly there: 1 of 3 statements are done.");
    CHECK(to_text(error.facts().place) == "versions/0002.yml:4:3");
    CHECK(error.facts().fields->sqlstate == "23505");
  }
  CHECK(fixture.version() == 1);
  CHECK(fixture.text("select indisvalid from pg_index where indexrelid = 'one_id'::regclass") == "f");

  SECTION("only it can be resumed") {
    CHECK_THROWS_WITH(fixture.upgrade(1), Catch::Contains("version 2 is partly there"));
  }
  SECTION("by the same command, when what was in the way is gone") {
    fixture.database.exec("delete from one where ctid = (select min(ctid) from one)");
    CHECK(fixture.upgrade(2) == 2);
    CHECK(fixture.text("select indisvalid from pg_index where indexrelid = 'one_id'::regclass") == "t");
    CHECK(fixture.exists("public.two"));
  }
  SECTION("or it is taken back") {
    CHECK(fixture.downgrade(1) == 1);
    CHECK_FALSE(fixture.exists("public.one_id"));
    CHECK(fixture.text(
              "select count(*) from pg_attribute where attrelid = 'one'::regclass and attname = 'name'") ==
          "0");
    CHECK(fixture.text("select count(*) from dbtool.positions") == "0");
  }
  SECTION("not when its file has changed") {
    fixture.write_scripts(2, "create table other (id int)", "drop table other",
                          "transactional: false\nmethods: {}");
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("has changed since version 2 was begun"));
  }
}

TEST_CASE("A build that was done when dbtool was killed is not done again", "[run]") {
  RunFixture fixture;
  write_two(fixture, "(1)");
  fixture.upgrade(1);
  // As it stands when the server has built the index and dbtool could not record it.
  fixture.on_event = [&](const Event& event) {
    const auto* done = std::get_if<StatementDone>(&event);
    if (done != nullptr && done->position == 2) throw std::runtime_error("killed");
  };
  CHECK_THROWS(fixture.upgrade(2));
  fixture.on_event = {};
  fixture.database.exec("update dbtool.positions set position = 1, started = 2");
  const std::string oid = fixture.text("select 'one_id'::regclass::oid");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select 'one_id'::regclass::oid") == oid);
}
