#include <atomic>

#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"
#include "test/support/proxy.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

constexpr const char* two_tables =
    "begin\n  create table source (a int primary key, v text);\n"
    "  insert into source select i, 'value ' || i from generate_series(1, 3000) i;\n"
    "  create table copy (a int primary key, v text);\nend";

/// Version 2 copies source's rows.
void write_copying(const RunFixture& fixture, bool by_functions, bool verifies) {
  fixture.write_scripts(1, two_tables, "begin\n  drop table source, copy;\nend");
  const std::string declared =
      "online:\n  migration:\n    table: source\n    key: [a]\n    batch: |-\n"
      "      insert into copy select e.* from source e where $range:e$ for update of e on conflict (a) do "
      "nothing\n"
      "    complete: |-\n      select not exists (select from source s where not exists (select from copy c "
      "where c.a = s.a))\n";
  const std::string verify =
      "    verify: {source: 'select a, v from source e where $range:e$', "
      "copy: 'select a, v from copy c where $range:c$'}\n";
  const std::string functions = R"(begin
  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb)
  returns table (count integer, state jsonb) language plpgsql as $$
  declare
    first integer := coalesce((state_in ->> 'last')::integer, 0);
    last integer;
    moved integer;
  begin
    select max(a) into last from (select a from source where a > first order by a limit batch_size_in) s;
    insert into copy select * from source where a > first and a <= last on conflict do nothing;
    get diagnostics moved = row_count;
    return query select moved, jsonb_build_object('last', last);
  end $$;
  create function online_migration_v2_is_complete() returns boolean language sql as
    $$ select (select count(*) from copy) = (select count(*) from source) $$;
end)";
  fixture.write_scripts(2, by_functions ? functions : "begin\n  null;\nend", "begin\n  truncate copy;\nend",
                        (by_functions ? "" : declared + (verifies ? verify : "")) + "methods: {}");
}

}  // namespace

// As when a replica takes over that has not got the last batches, or a server comes back that had not written
// them.
TEST_CASE("Who comes back after a loss lacks what was moved last: it is moved again before the end",
          "[online]") {
  const bool by_functions = GENERATE(false, true);
  const bool verifies = by_functions ? false : GENERATE(false, true);
  // What ends the migration, or the walk before it is verified.
  const std::string of_end = "delete from dbtool.online where version = $1";
  const std::string of_pass = "delete from dbtool.checkpoints where version = $1";
  const std::string at = verifies && GENERATE(false, true) ? of_pass : of_end;
  CAPTURE(by_functions, verifies, at);
  RunFixture fixture;
  write_copying(fixture, by_functions, verifies);
  fixture.upgrade(1);
  Proxy proxy(fixture.database.url());
  std::atomic<bool> lost = false;
  proxy.on_request([&](std::string_view bytes) {
    // Where the migration or its walk begins there is nothing to lose yet.
    if (lost || !holds_statement(bytes, at) || fixture.text("select count(*) from dbtool.checkpoints") == "0")
      return Proxy::Fate::pass;
    lost = true;
    const bool walked = fixture.text("select phase from dbtool.online") == "walk";
    fixture.database.exec("delete from dbtool.checkpoints");
    if (walked) fixture.database.exec("truncate copy");
    return Proxy::Fate::drop;
  });
  CHECK(fixture.upgrade(2, proxy.url()) == 2);
  CHECK(proxy.cuts() == 1);
  CHECK(fixture.text("select count(*) from copy join source using (a, v)") == "3000");
  CHECK(fixture.text("select count(*) from dbtool.online") == "0");
}

// A split stands between two batches: what the first one did may be gone when the second begins.
TEST_CASE("Who comes back after a loss in the midst of a split lacks what was moved last: it is moved again",
          "[online]") {
  RunFixture fixture;
  fixture.write_scripts(1, two_tables, "begin\n  drop table source, copy;\nend");
  // Lax, as people write it: only the walk itself sees to every row.
  fixture.write_scripts(
      2, "begin\n  null;\nend", "begin\n  truncate copy;\nend",
      "online:\n  migration:\n    table: source\n    key: [a]\n    batch: |-\n"
      "      insert into copy select e.* from source e where $range:e$ for update of e on conflict "
      "(a) do nothing\n"
      "    complete: select exists (select from copy)\nmethods: {}");
  fixture.upgrade(1);
  fixture.online.workers = 2;
  Proxy proxy(fixture.database.url());
  const char* const at = "update dbtool.ranges set high = $3 where version = $1 and range = $2";
  std::atomic<bool> lost = false;
  proxy.on_request([&](std::string_view bytes) {
    if (lost || !holds_statement(bytes, at)) return Proxy::Fate::pass;
    lost = true;
    CHECK(fixture.text("select count(*) > 0 from copy") == "t");
    // The other worker may be in a batch, whose COMMIT does not pass before this does: the loss ends it.
    fixture.database.exec("select pg_terminate_backend(pid) from pg_locks where relation = 'copy'::regclass");
    fixture.database.exec("delete from dbtool.checkpoints; truncate copy");
    return Proxy::Fate::drop;
  });
  CHECK(fixture.upgrade(2, proxy.url()) == 2);
  CHECK(proxy.cuts() == 1);
  CHECK(fixture.text("select count(*) from copy join source using (a, v)") == "3000");
}
