#include "test/database/online/stopping.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"
#include "test/support/proxy.h"

#include <atomic>
#include <thread>

using namespace dbtool;
using namespace dbtool::test;

namespace {

struct Declared {
  std::string table = "source";
  std::string key = "[a, b]";
  std::string batch =
      "insert into copy (a, b, v) select a, b, upper(v) from source e where $range:e$ for update of e "
      "on conflict (a, b) do nothing";
  std::string complete =
      "select not exists (select from source s where not exists "
      "(select from copy c where c.a = s.a and c.b = s.b))";
  std::string verify =
      "{source: 'select a, b, upper(v) from source e where $range:e$', "
      "copy: 'select a, b, v from copy c where $range:c$'}";
};

std::string to_yaml(const char* direction, const Declared& declared) {
  return std::string("  ") + direction + ":\n    table: " + declared.table + "\n    key: " + declared.key +
         "\n    batch: |-\n      " + declared.batch + "\n    complete: |-\n      " + declared.complete +
         (declared.verify.empty() ? "" : "\n    verify: " + declared.verify) + "\n";
}

Declared way_back() {
  return {"copy", "[a, b]",
          "insert into source (a, b, v) select a, b, lower(v) from copy e where $range:e$ for update of e "
          "on conflict (a, b) do nothing",
          "select not exists (select from copy c where not exists (select from source s where s.a = c.a and "
          "s.b = c.b))",
          ""};
}

/// Version 1 makes `source` with its rows, version 2 moves them into `copy`.
void write_declared(const RunFixture& fixture, const Declared& up = {}, int rows = 20000) {
  fixture.write_scripts(
      1,
      "begin\n  create table source (a text, b int, v text, primary key (a, b));\n"
      "  insert into source select 'k' || i % 97, i, 'value ' || i from generate_series(1, " +
          std::to_string(rows) + ") i;\nend",
      "begin\n  drop table source;\nend");
  fixture.write_scripts(
      2, "begin\n  create table if not exists copy (a text, b int, v text, primary key (a, b));\nend",
      "begin\n  null;\nend",
      "online:\n" + to_yaml("migration", up) + to_yaml("downgrade", way_back()) + "methods: {}");
}

/// Rows that are in one of the tables and not, or not the same, in the other.
std::string differences(const RunFixture& fixture) {
  return fixture.text(
      "select count(*) from source s full join copy c using (a, b) where c.v is distinct from upper(s.v)");
}

}  // namespace

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

TEST_CASE("A row that cannot be moved is named, and all before it are moved", "[online]") {
  RunFixture fixture;
  Declared division;
  division.key = "[b]";
  division.verify = "";
  division.batch =
      "insert into copy (a, b, v) select a, b, upper(v) || case when b = 9001 then 1 / (b - 9001) end from "
      "source e "
      "where $range:e$ for update of e on conflict (a, b) do nothing";
  write_declared(fixture, division);
  fixture.upgrade(1);
  fixture.database.exec("create unique index on source (b)");
  try {
    fixture.upgrade(2);
    FAIL("the row was passed over");
  } catch (const run::StepError& error) {
    CHECK_THAT(error.what(), Catch::Contains("division by zero"));
    CHECK_THAT(error.advice(), Catch::Contains("(b) = (9001)"));
  }
  CHECK(fixture.text("select count(*) from copy") == "9000");
  fixture.database.exec("delete from source where b = 9001");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "19999");
}

TEST_CASE("A batch that waits for a row lets go, and goes on when the row is free", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.upgrade(1);
  pg::Connection service = fixture.database.connect();
  service.exec("begin; update source set v = 'mine' where b = 500");
  std::jthread commits;
  fixture.on_event = [&](const Event& event) {
    const auto* message = std::get_if<Message>(&event);
    if (message != nullptr && message->text.find("given up") != std::string::npos && !commits.joinable())
      commits = std::jthread([&] { service.exec("commit"); });
  };
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select v from copy where b = 500") == "MINE");
  CHECK(differences(fixture) == "0");
}

TEST_CASE("A call that was under way before the walk is waited for", "[online]") {
  RunFixture fixture;
  Declared up;
  up.verify = "";
  write_declared(fixture, up, 1000);
  fixture.upgrade(1);
  // Of a function of the version before: it writes the source alone, of a row that is copied meanwhile.
  pg::Connection service = fixture.database.connect();
  const std::jthread call([&] {
    service.exec("do $$ begin perform pg_sleep(2); update source set v = 'late' where b = 500; end $$");
  });
  while (fixture.text("select count(*) from pg_stat_activity where wait_event = 'PgSleep' and "
                      "datname = current_database()") == "0")
    fixture.clock.sleep(std::chrono::milliseconds(10));
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.was_told("waits for statements that began before the walk: pid"));
  CHECK(fixture.text("select v from copy where b = 500") == "LATE");
}

TEST_CASE("A declaration that was changed in mid-run begins its walk anew", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.upgrade(1);
  stop_after(fixture, 2);
  expect_stopped(fixture, Direction::upgrade, 2);
  Declared changed;
  changed.key = "[b, a]";
  write_declared(fixture, changed);
  fixture.database.exec("create unique index on source (b, a)");
  fixture.accept_changed = {2};
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.was_told("walked source (a, b) before, now source (b, a): all rows are walked again"));
  CHECK(differences(fixture) == "0");
}

TEST_CASE("What is no longer to be compared does not keep a version unfinished", "[online]") {
  RunFixture fixture;
  Declared wrong;
  wrong.verify =
      "{source: 'select a, b, lower(v) from source e where $range:e$', "
      "copy: 'select a, b, v from copy c where $range:c$'}";
  write_declared(fixture, wrong, 1000);
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("source and copy differ"));
  Declared without;
  without.verify = "";
  write_declared(fixture, without, 1000);
  fixture.accept_changed = {2};
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from dbtool.online") == "0");
  CHECK(differences(fixture) == "0");
}

TEST_CASE("A worker for whom there is no connection is done without", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  const std::string owner = fixture.database.owner_url();  // the limit is not for superusers
  fixture.upgrade(1, owner);
  fixture.on_event = [&](const Event& event) {
    if (!std::holds_alternative<BatchDone>(event) || fixture.events_of<BatchDone>().size() != 1) return;
    const std::string connections = fixture.text("select count(*) from pg_stat_activity where usename = '" +
                                                 fixture.database.owner() + "'");
    fixture.database.exec("alter role \"" + fixture.database.owner() + "\" connection limit " + connections);
    fixture.database.exec("insert into dbtool.control (version, workers) values (2, 3)");
  };
  CHECK(fixture.upgrade(2, owner) == 2);
  CHECK(fixture.was_told("no connection for another one"));
  CHECK(differences(fixture) == "0");
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
  CHECK(fixture.text("select count(*) from copy") == "0");
}

TEST_CASE("The answer to the COMMIT of one of two workers is lost", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.upgrade(1);
  fixture.online.workers = 2;
  Proxy proxy(fixture.database.url());
  std::atomic<int> commits{0};
  const int which = GENERATE(range(3, 15));
  const Proxy::Fate fate = GENERATE(Proxy::Fate::drop, Proxy::Fate::lose_answer);
  proxy.on_request([&](std::string_view bytes) {
    return holds_statement(bytes, "commit") && ++commits == which ? fate : Proxy::Fate::pass;
  });
  CHECK(fixture.upgrade(2, proxy.url()) == 2);
  CHECK(proxy.cuts() == 1);
  CHECK(differences(fixture) == "0");
  CHECK(fixture.text("select count(*) from dbtool.online") == "0");
}

TEST_CASE("A worker's backend is ended: it comes back", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.online.workers = 2;
  std::atomic<bool> ended = false;
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<BatchDone>(event) && !ended.exchange(true)) {
      fixture.database.exec(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
          "and pid <> pg_backend_pid() and application_name = 'dbtool' and query ilike '%checkpoints%'");
    }
  };
  CHECK(fixture.upgrade(2) == 2);
  CHECK(differences(fixture) == "0");
}

TEST_CASE("Wishes of another terminal are heeded while it runs", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  std::jthread other;
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<BatchDone>(event) && fixture.events_of<BatchDone>().size() == 1 &&
        !other.joinable()) {
      fixture.database.exec(
          "insert into dbtool.control (version, paused, paused_by) values (2, true, 'ana')");
      other = std::jthread([&] {
        while (fixture.text("select note from dbtool.online") != "paused by ana")
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        fixture.database.exec("update dbtool.control set paused = false, workers = 3");
      });
    }
  };
  // Slow enough that the pause comes before the end.
  Declared slow;
  slow.batch =
      "insert into copy (a, b, v) select a, b, upper(v) from source e, lateral (select pg_sleep(0.0002) "
      "where e.b > 0) s "
      "where $range:e$ for update of e on conflict (a, b) do nothing";
  write_declared(fixture, slow);
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.was_told("paused by ana"));
  CHECK(differences(fixture) == "0");
  int most = 0;
  for (const BatchDone& batch : fixture.events_of<BatchDone>()) most = std::max(most, batch.workers);
  CHECK(most == 3);
}
