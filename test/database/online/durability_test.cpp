#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"
#include "test/support/server.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// Each transaction that writes to a table notes whether its commit waits for its WAL.
constexpr const char* tables_that_note = R"(begin
  create table noted (what text, synchronous_commit text, primary key (what, synchronous_commit));
  create function note() returns trigger language plpgsql as $$
  begin
    insert into noted values (tg_argv[0], current_setting('synchronous_commit')) on conflict do nothing;
    return null;
  end $$;
  create table source (a int primary key);
  create table copy (a int primary key);
  create trigger t after insert on source for each statement execute function note('script');
  create trigger t after insert on copy for each statement execute function note('batch');
end)";

constexpr const char* moving = R"(online:
  migration:
    table: source
    key: [a]
    batch: insert into copy select e.* from source e where $range:e$ for update of e on conflict (a) do nothing
    complete: select (select count(*) from source) = (select count(*) from copy)
methods: {}
)";

void write_versions(const RunFixture& fixture) {
  fixture.write_scripts(1, tables_that_note,
                        "begin\n  drop table source, copy, noted;\n  drop function note;\nend");
  fixture.write_scripts(2, "begin\n  insert into source select generate_series(1, 1000);\nend",
                        "begin\n  truncate source, copy;\nend", moving);
}

}  // namespace

TEST_CASE("Batches do not wait for their WAL, scripts do", "[online]") {
  RunFixture fixture;
  write_versions(fixture);
  REQUIRE(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select string_agg(what || ' ' || synchronous_commit, ', ' order by what) from noted") ==
        "batch off, script on");
}

// A failover to it is to lose nothing.
TEST_CASE("With a synchronous replica batches wait as the database says", "[online]") {
  pg::ServerOptions options;
  options.settings = {"synchronous_standby_names=nobody", "synchronous_commit=local"};
  OwnServer server(options);
  RunFixture fixture(server->url());
  write_versions(fixture);
  REQUIRE(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select synchronous_commit from noted where what = 'batch'") == "local");
}
