#include "test/database/online/declared_fixture.h"
#include "test/database/online/stopping.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

TEST_CASE("A declared online migration moves every row, with any number of workers", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.online.workers = GENERATE(1, 2, 4);
  CHECK(fixture.upgrade(2) == 2);
  CHECK(differences(fixture) == "0");
  std::int64_t walked = 0, compared = 0;
  for (const BatchDone& batch : fixture.events_of<BatchDone>())
    (batch.verifies ? compared : walked) += batch.rows;
  CHECK(walked == 20000);
  CHECK(compared == 20000);
  for (const char* table : {"online", "ranges", "checkpoints", "control"})
    CHECK(fixture.text(std::string("select count(*) from dbtool.") + table) == "0");
  CHECK(fixture.text("select count(*) > 0 from dbtool.curve") == "t");
  SECTION("and back") {
    fixture.database.exec("delete from source where b % 3 = 0");
    CHECK(fixture.downgrade(1) == 1);
    CHECK(differences(fixture) == "0");
  }
}

TEST_CASE("Keys of any type, in the order of the server", "[online]") {
  RunFixture fixture;
  const auto [type, value] = GENERATE(table<std::string, std::string>({
      {"timestamptz", "'2026-01-01'::timestamptz + i * interval '1.000001 s'"},
      {"numeric", "case when i = 7 then 'NaN' else i / 7.0 end"},
      {"float8", "case when i = 7 then 'Infinity' else i / 7.0::float8 end"},
      {"bytea", "decode(md5(i::text), 'hex')"},
      {"uuid", "md5(i::text)::uuid"},
      {"text collate \"C\"", "case i % 3 when 0 then 'ä\"' || i when 1 then 'Z\\,{' || i else 'a ' || i end"},
      {"text", "case i % 3 when 0 then 'ä\"' || i when 1 then 'Z\\,{' || i else 'a ' || i end"},
      {"char(12)", "'k' || i"},
      {"varchar(12)", "'k' || i"},
      {"interval", "i * interval '25 h 1 s'"},
      {"inet", "'10.0.0.0'::inet + i"},
      {"date", "'2026-01-01'::date + i"},
  }));
  CAPTURE(type);
  fixture.write_scripts(1,
                        "begin\n  create table source (k " + type +
                            " primary key, v int);\n  insert into source select " + value +
                            ", i from generate_series(1, 3000) i;\nend",
                        "begin\n  drop table source;\nend");
  Declared declared{
      "source", "[k]",
      "insert into copy select k, v from source e where $range:e$ for update of e on conflict do nothing",
      "select (select count(*) from source) = (select count(*) from copy)",
      "{source: 'select * from source e where $range:e$', copy: 'select * from copy c where $range:c$'}"};
  fixture.write_scripts(2, "begin\n  create table copy (like source including all);\nend",
                        "begin\n  drop table copy;\nend",
                        "online:\n" + to_yaml("migration", declared) + "methods: {}");
  fixture.online.workers = 2;
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from (table source except table copy) d") == "0");
}

TEST_CASE("Ranges of a larger table follow each other in the order of the key, not of its text", "[online]") {
  RunFixture fixture;
  fixture.write_scripts(
      1,
      "begin\n  create table source (k int primary key, v text);\n"
      "  insert into source select i, repeat('x', 100) from generate_series(1, 60000) i;\nend",
      "begin\n  drop table source;\nend");
  Declared declared{"source", "[k]",
                    "insert into copy select k, v from source e where $range:e$ for update of e",
                    "select (select count(*) from source) = (select count(*) from copy)", ""};
  fixture.write_scripts(2, "begin\n  create table copy (like source including all);\nend",
                        "begin\n  drop table copy;\nend",
                        "online:\n" + to_yaml("migration", declared) + "methods: {}");
  fixture.online.workers = 2;
  stop_after(fixture, 3);
  expect_stopped(fixture, Direction::upgrade, 2);
  CHECK(fixture.text("select count(*) > 20 from dbtool.ranges") == "t");
  CHECK(fixture.text("select bool_and(high is null or (high->>0)::int > coalesce((low->>0)::int, 0)) and "
                     "bool_and(low is not distinct from before) from (select low, high, lag(high) over "
                     "(order by range) as before "
                     "from dbtool.ranges) r") == "t");
  // No batch comes twice, for the copy has no `on conflict`.
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "60000");
}

TEST_CASE("Columns of the key may be called as the engine calls its own", "[online]") {
  RunFixture fixture;
  fixture.write_scripts(
      1,
      "begin\n  create table source (number int, total int, v text, primary key (number, total));\n"
      "  insert into source select i, i, repeat('x', 100) from generate_series(1, 20000) i;\nend",
      "begin\n  drop table source;\nend");
  Declared declared{
      "source", "[number, total]",
      "insert into copy select e.* from source e where $range:e$ for update of e on conflict do nothing",
      "select (select count(*) from source) = (select count(*) from copy)",
      "{source: 'select * from source e where $range:e$', copy: 'select * from copy c where $range:c$'}"};
  fixture.write_scripts(2, "begin\n  create table copy (like source including all);\nend",
                        "begin\n  drop table copy;\nend",
                        "online:\n" + to_yaml("migration", declared) + "methods: {}");
  fixture.online.workers = 2;
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from (table source except table copy) d") == "0");
}

TEST_CASE("A declared online migration is stopped, goes on, and turns round from wherever it is",
          "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.online.workers = 2;
  stop_after(fixture, 4);
  expect_stopped(fixture, Direction::upgrade, 2);
  const int moved = std::stoi(fixture.text("select count(*) from copy"));
  CHECK(moved > 0);
  CHECK(moved < 20000);
  CHECK(fixture.text("select sum(rows) from (select distinct on (range) rows from dbtool.checkpoints order "
                     "by range, batch desc) c") == std::to_string(moved));
  SECTION("on") {
    CHECK(fixture.upgrade(2) == 2);
    std::int64_t rest = 0;
    for (const BatchDone& batch : fixture.events_of<BatchDone>()) rest += batch.verifies ? 0 : batch.rows;
    CHECK(moved + rest == 20000);
    CHECK(differences(fixture) == "0");
  }
  SECTION("back, and up again") {
    fixture.database.exec("delete from source s using copy c where c.a = s.a and c.b = s.b");
    stop_after(fixture, 1);
    expect_stopped(fixture, Direction::downgrade, 1);
    CHECK(std::stoi(fixture.text("select count(*) from source")) > 20000 - moved);
    CHECK(fixture.version() == 1);
    CHECK(fixture.downgrade(1) == 1);
    CHECK(fixture.text("select count(*) from source") == "20000");
    CHECK(fixture.upgrade(2) == 2);
    CHECK(differences(fixture) == "0");
  }
}

TEST_CASE("Going back needs no files", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  CHECK(fixture.upgrade(2) == 2);
  fixture.database.exec("truncate source");
  fixture.write_version(2, "methods: {}");
  CHECK(fixture.downgrade(1) == 1);
  CHECK(differences(fixture) == "0");
}

TEST_CASE("Rows that come behind the walk are found by the next pass", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  std::atomic<bool> added = false;
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<BatchDone>(event) && fixture.events_of<BatchDone>().size() == 3 &&
        !added.exchange(true))
      fixture.database.exec("insert into source select '!', i, 'late' from generate_series(1, 50) i");
  };
  CHECK(fixture.upgrade(2) == 2);
  CHECK(differences(fixture) == "0");
  CHECK(fixture.text("select count(*) from copy") == "20050");
}

TEST_CASE("What differs is narrowed down to its key, and the version stays unfinished", "[online]") {
  RunFixture fixture;
  Declared wrong;
  wrong.batch =
      "insert into copy (a, b, v) select a, b, case when b in (777, 15003) then 'wrong' else upper(v) end "
      "from source e where $range:e$ for update of e on conflict (a, b) do nothing";
  write_declared(fixture, wrong);
  fixture.online.workers = 2;
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("2 rows") && Catch::Contains("(k1, 777)") &&
                                            Catch::Contains("(k65, 15003)") && Catch::Contains("VALUE 777") &&
                                            Catch::Contains("wrong"));
  CHECK(fixture.version() == 2);
  CHECK(fixture.text("select phase from dbtool.online") == "verify");
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("2 rows"));
  fixture.database.exec("update copy set v = 'VALUE ' || b where v = 'wrong'");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from dbtool.online") == "0");
}

TEST_CASE("A key that no table can be walked by is refused before a row is moved", "[online]") {
  RunFixture fixture;
  Declared declared;
  const auto [key, ddl, reason] = GENERATE(table<std::string, std::string, std::string>({
      {"[v]", "select 1", "no unique index on (v)"},
      {"[b, a]", "select 1", "no unique index on (b, a)"},
      {"[b]", "create unique index on source (b) where b > 0", "is partial"},
      {"[b]", "create unique index on source (b desc)", "not ascending"},
      {"[v]", "create unique index on source (v)", "may be null"},
      {"[b]", "alter table source add unique (b) deferrable", "deferrable"},
      {"[a, b]",
       "alter table source drop constraint source_pkey; create unique index on source (a collate \"C\", b)",
       "collation of its own"},
      {"[a, b]",
       "alter table source drop constraint source_pkey; create unique index on source (a text_pattern_ops, "
       "b)",
       "operator class"},
  }));
  CAPTURE(key, ddl);
  declared.key = key;
  write_declared(fixture, declared, 100);
  fixture.upgrade(1);
  fixture.database.exec(ddl);
  fixture.database.exec("alter table source alter a set not null");
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains(reason));
  CHECK(fixture.version() == 1);
  CHECK_FALSE(fixture.exists("copy"));
}

TEST_CASE("A way back whose script drops the table that is walked loses nothing", "[online]") {
  RunFixture fixture;
  write_declared(fixture, {}, 100);
  const std::string online = "online:\n" + to_yaml("migration", {}) + to_yaml("downgrade", way_back());
  const std::string create =
      "begin\n  create table if not exists copy (a text, b int, v text, primary key (a, b));\nend";
  fixture.write_scripts(2, create, "begin\n  drop table copy;\nend", online + "methods: {}");
  CHECK(fixture.upgrade(2) == 2);
  // By now the rows are nowhere else.
  fixture.database.exec("truncate source");
  try {
    fixture.downgrade(1);
    FAIL("it went down");
  } catch (const run::StepError& error) {
    CHECK_THAT(error.what(),
               Catch::Contains("online downgrade") && Catch::Contains("there is no table copy"));
    CHECK_THAT(error.facts().place.file, Catch::Contains("0002.yml"));
    CHECK(error.facts().state == "DATABASE IS AT 2, unchanged.");
  }
  CHECK(fixture.version() == 2);
  CHECK(fixture.text("select count(*) from copy") == "100");
  CHECK(fixture.text("select count(*) from dbtool.online") == "0");
  fixture.write_scripts(2, create, "begin\n  null;\nend", online + "methods: {}");
  fixture.accept_changed = {2};
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.downgrade(1) == 1);
  CHECK(fixture.text("select count(*) from source") == "100");
}

TEST_CASE("A statement that is committed alone does not drop the table that is walked", "[online]") {
  RunFixture fixture;
  write_declared(fixture, {}, 100);
  const std::string online = "transactional: false\nonline:\n" + to_yaml("migration", {}) +
                             to_yaml("downgrade", way_back()) + "methods: {}";
  const std::string create = "create table if not exists copy (a text, b int, v text, primary key (a, b));";
  fixture.write_scripts(2, create, "create table aside ();\ndrop table copy;", online);
  CHECK(fixture.upgrade(2) == 2);
  try {
    fixture.downgrade(1);
    FAIL("it went down");
  } catch (const run::StepError& error) {
    CHECK_THAT(error.what(), Catch::Contains("would leave no table copy"));
    CHECK(error.facts().source_line == "  drop table copy;");
    CHECK(error.facts().state == "DATABASE IS AT 2, version 2 is partly gone: 1 of 2 statements are done.");
  }
  CHECK(fixture.text("select count(*) from copy") == "100");
  fixture.write_scripts(2, create + "\ndrop table if exists aside;", "create table aside ();", online);
  fixture.accept_changed = {2};
  CHECK(fixture.upgrade(2) == 2);
  fixture.database.exec("truncate source");
  CHECK(fixture.downgrade(1) == 1);
  CHECK(fixture.text("select count(*) from source") == "100");
}

namespace {

/// The owner of `source` sees half of its rows.
void hide_rows(const RunFixture& fixture) {
  fixture.database.exec(
      "alter table source enable row level security; alter table source force row level security; "
      "create policy half on source using (b <= 50)");
}

}  // namespace

TEST_CASE("Rows that a policy hides are not left out without a word", "[online]") {
  RunFixture fixture;
  write_declared(fixture, {}, 100);
  const std::string url = fixture.database.owner_url();
  CHECK(fixture.upgrade(1, url) == 1);
  hide_rows(fixture);
  SECTION("of a table that is walked") {
    CHECK_THROWS_WITH(fixture.upgrade(2, url), Catch::Contains("source is under row security"));
    CHECK(fixture.version() == 1);
  }
  SECTION("of one that only the functions of an online part name") {
    fixture.write_scripts(2, R"(begin
  create table copy (a text, b int, v text, primary key (a, b));
  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb)
  returns table (count integer, state jsonb) as $f$
  begin
    insert into copy select s.a, s.b, upper(s.v) from source s on conflict do nothing;
    get diagnostics count = row_count;
    state := '{}';
    return next;
  end $f$ language plpgsql;
  create function online_migration_v2_is_complete() returns boolean as $f$
  begin
    return not exists (select from source s where not exists (select from copy c where c.a = s.a and c.b = s.b));
  end $f$ language plpgsql;
end)",
                          "begin\n  drop table copy;\nend");
    CHECK_THROWS_WITH(fixture.upgrade(2, url), Catch::Contains("row-level security"));
    CHECK(fixture.version() == 2);
    CHECK(fixture.text("select count(*) from copy") == "0");
  }
  SECTION("of one that a script reads") {
    fixture.write_scripts(2, "begin\n  create table copy as select a, b, upper(v) as v from source;\nend",
                          "begin\n  drop table copy;\nend");
    CHECK_THROWS_WITH(fixture.upgrade(2, url), Catch::Contains("table source is under row security"));
    CHECK(fixture.version() == 1);
  }
  SECTION("of one that a script reads without naming it") {
    fixture.write_scripts(
        2,
        "begin\n  execute format('create table copy as select a, b, upper(v) as v from %I', "
        "(select min(relname) from pg_class where oid = to_regclass('source')));\nend",
        "begin\n  drop table copy;\nend");
    CHECK_THROWS_WITH(fixture.upgrade(2, url), Catch::Contains("row-level security"));
    CHECK(fixture.version() == 1);
  }
  fixture.database.exec("alter table source no force row level security");
  CHECK(fixture.upgrade(2, url) == 2);
  CHECK(fixture.text("select count(*) from copy") == "100");
}
