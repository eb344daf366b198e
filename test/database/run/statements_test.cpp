#include "test/database/run/run_fixture.h"

#include "test/support/catch.h"
#include "test/support/proxy.h"

#include <atomic>
#include <thread>

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

TEST_CASE("A way that was hardly begun is taken back by statements that find nothing to drop", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(1, "begin\n  create table one (a int, b int);\nend", "begin\n  drop table one;\nend");
  fixture.write_scripts(
      2, "create index concurrently one_a on one (a);\ncreate index concurrently one_b on one (b)",
      "drop index concurrently one_b;\ndrop index concurrently one_a", "transactional: false\nmethods: {}");
  fixture.upgrade(1);
  const int statements = GENERATE(1, 2);
  fixture.on_event = [&](const Event& event) {
    const auto* done = std::get_if<StatementDone>(&event);
    if (done != nullptr && done->position == statements) throw std::runtime_error("killed");
  };
  CHECK_THROWS(fixture.upgrade(2));
  SECTION("killed before the next statement") {}
  SECTION("killed before what was said to be begun") {
    fixture.database.exec("update dbtool.positions set position = position - 1, started = position");
    fixture.database.exec(statements == 1 ? "drop index one_a" : "drop index one_b");
  }
  SECTION("killed again on the way back") {
    fixture.on_event = [&](const Event& event) {
      if (std::holds_alternative<StatementDone>(event)) throw std::runtime_error("killed");
    };
    CHECK_THROWS(fixture.downgrade(1));
    SECTION("and turned round once more") {
      fixture.on_event = {};
      CHECK(fixture.upgrade(2) == 2);
      CHECK(fixture.text("select count(*) from pg_index where indrelid = 'one'::regclass and indisvalid") ==
            "2");
    }
  }
  fixture.on_event = {};
  CHECK(fixture.downgrade(1) == 1);
  CHECK_FALSE(fixture.exists("public.one_a"));
  CHECK_FALSE(fixture.exists("public.one_b"));
  CHECK(fixture.text("select count(*) from dbtool.positions") == "0");
}

TEST_CASE("A statement that failed does not pass as done when the version is resumed", "[run]") {
  RunFixture fixture;
  write_two(fixture, "(1)");
  fixture.upgrade(1);
  fixture.database.exec("create table other (id int); create index one_id on other (id)");
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("already exists"));
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("already exists"));
  CHECK(fixture.version() == 1);
  fixture.database.exec("drop index one_id");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select indrelid::regclass from pg_index where indexrelid = 'one_id'::regclass") ==
        "one");
}

TEST_CASE("An index of another definition does not pass as the one that a broken attempt made", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(
      1, "begin\n  create table one (a int, b text, gone int);\n  alter table one drop column gone;\nend",
      "begin\n  drop table one;\nend");
  const std::string statement = GENERATE(
      "create index concurrently one_b on one (b)",
      "create index concurrently if not exists one_b on only public.one using btree (b) where one.a > 0",
      "create unique index concurrently one_b on one (lower(one.b) text_pattern_ops, a desc) include (b)");
  CAPTURE(statement);
  fixture.write_scripts(2, statement, "drop index concurrently if exists one_b",
                        "transactional: false\nmethods: {}");
  fixture.upgrade(1);
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<StatementDone>(event)) throw std::runtime_error("killed");
  };
  CHECK_THROWS(fixture.upgrade(2));
  fixture.on_event = {};
  fixture.database.exec("update dbtool.positions set position = 0, started = 1");
  const auto is_refused_with = [&](const std::string& other) {
    fixture.database.exec("drop index one_b; " + other);
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("one_b") && Catch::Contains("is there already"));
    CHECK(fixture.version() == 1);
  };
  SECTION("other columns") {
    is_refused_with("create index one_b on one (a)");
  }
  SECTION("another method") {
    is_refused_with("create index one_b on one using hash (b)");
  }
  SECTION("other rows") {
    is_refused_with("create index one_b on one (b) where a > 1");
  }
  SECTION("another operator class") {
    is_refused_with("create index one_b on one (b text_pattern_ops)");
  }
  SECTION("another order") {
    is_refused_with("create index one_b on one (b desc)");
  }
  SECTION("another collation") {
    is_refused_with("create index one_b on one (b collate \"C\")");
  }
  SECTION("no doubles") {
    is_refused_with("create unique index one_b on one (b)");
  }
  SECTION("more columns in it") {
    is_refused_with("create index one_b on one (b) include (a)");
  }
  SECTION("gone, it is made") {
    fixture.database.exec("drop index one_b");
    CHECK(fixture.upgrade(2) == 2);
    CHECK(fixture.exists("public.one_b"));
  }
  SECTION("the very same is taken as it is") {
    const std::string oid = fixture.text("select 'one_b'::regclass::oid");
    CHECK(fixture.upgrade(2) == 2);
    CHECK(fixture.text("select 'one_b'::regclass::oid") == oid);
  }
}

TEST_CASE("What was so before a version was begun never passes as its work", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(1, "begin\n  create table one (a int, b int);\n  create index one_a on one (b);\nend",
                        "begin\n  drop table one;\nend");
  const std::string more = "transactional: false\nmethods: {}";
  fixture.upgrade(1);
  SECTION("an index of that name on other columns") {
    fixture.write_scripts(2, "alter table one add c int;\ncreate unique index concurrently one_a on one (a)",
                          "drop index concurrently one_a", more);
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("already exists"));
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("already exists"));
  }
  SECTION("an index that never was") {
    fixture.write_scripts(2, "alter table one add c int;\ndrop index concurrently one_z",
                          "create index concurrently one_z on one (a)", more);
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("does not exist"));
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("does not exist"));
  }
  SECTION("a partition that never was") {
    fixture.database.exec("create table parts (a int) partition by list (a)");
    fixture.write_scripts(
        2, "alter table one add c int;\nalter table parts detach partition part_z concurrently", "select 1",
        more);
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("does not exist"));
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("does not exist"));
  }
  CHECK(fixture.version() == 1);
}

TEST_CASE("A statement waits for its locks as a whole version does", "[run]") {
  RunFixture fixture;
  write_two(fixture, "(1)");
  fixture.settings.lock_timeout = std::chrono::milliseconds(200);
  fixture.upgrade(1);
  pg::Connection reader = fixture.database.connect();
  reader.exec("set application_name = 'a long report'; begin; select count(*) from one");
  SECTION("again and again") {
    fixture.on_event = [&](const Event& event) {
      if (std::holds_alternative<LockRetry>(event)) reader.exec("commit");
    };
    CHECK(fixture.upgrade(2) == 2);
    CHECK_FALSE(fixture.events_of<LockRetry>().empty());
  }
  SECTION("until the tries are used up, and names the blocker") {
    fixture.settings.lock_retries = 2;
    CHECK_THROWS_WITH(fixture.upgrade(2),
                      Catch::Contains("blocked by pid") && Catch::Contains("a long report"));
  }
}

TEST_CASE("A version that runs statement by statement and is left half done is never said to be gone",
          "[run]") {
  RunFixture fixture;
  write_two(fixture, "(1)");
  fixture.upgrade(1);
  const auto state = [&] {
    try {
      fixture.upgrade(2);
    } catch (const run::StepError& error) {
      return error.facts().state;
    }
    return std::string("done");
  };
  SECTION("stopped between two statements") {
    fixture.on_event = [&](const Event& event) {
      if (std::holds_alternative<StatementDone>(event)) fixture.interrupts = 1;
    };
    CHECK(state() == "DATABASE IS AT 1, version 2 is partly there.");
  }
  SECTION("its last transaction fails") {
    fixture.database.exec("create function f() returns text language sql as 'select 1::text'");
    CHECK_THAT(state(), Catch::Contains("version 2 is partly there: all its statements are done"));
  }
}

TEST_CASE("The answer to the COMMIT of a statement is lost", "[run]") {
  RunFixture fixture;
  write_two(fixture, "(1)");
  fixture.upgrade(1);
  Proxy proxy(fixture.database.url());
  std::atomic<int> commits{0};
  // Commits: run begun, statement 1, statement 2 begun, statement 2 done, statement 3, the last transaction.
  const int which = GENERATE(2, 3, 4, 5, 6);
  const Proxy::Fate fate = GENERATE(Proxy::Fate::drop, Proxy::Fate::lose_answer);
  proxy.on_request([&](std::string_view bytes) {
    return holds_statement(bytes, "commit") && ++commits == which ? fate : Proxy::Fate::pass;
  });
  CHECK(fixture.upgrade(2, proxy.url()) == 2);
  CHECK(proxy.cuts() == 1);
  CHECK(fixture.text("select indisvalid from pg_index where indexrelid = 'one_id'::regclass") == "t");
  CHECK(fixture.exists("public.two"));
}

TEST_CASE("Only the remains of what is rebuilt are cleared before it is rebuilt again", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(1,
                        "begin\n  create table one (id int);\n  create index one_id on one (id);\n  create "
                        "table two (id int);\nend",
                        "begin\n  drop table one, two;\nend");
  fixture.write_scripts(2, "reindex index concurrently one_id", "reindex index concurrently one_id",
                        "transactional: false\nmethods: {}");
  fixture.upgrade(1);
  fixture.database.exec(
      "create index one_id_ccnew on one (id); create index two_id_ccnew on two (id);"
      "update pg_index set indisvalid = false where indexrelid::regclass::text ~ '_ccnew$'");
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<StatementDone>(event)) throw std::runtime_error("killed");
  };
  CHECK_THROWS(fixture.upgrade(2));
  fixture.on_event = {};
  fixture.database.exec("update dbtool.positions set position = 0, started = 1");
  CHECK(fixture.upgrade(2) == 2);
  CHECK_FALSE(fixture.exists("public.one_id_ccnew"));
  CHECK(fixture.exists("public.two_id_ccnew"));
}

TEST_CASE("A partition that is half detached is detached to the end", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(1,
                        "begin\n  create table \"All\" (id int) partition by range (id);\n"
                        "  create table part partition of \"All\" for values from (0) to (10);\nend",
                        "begin\n  drop table \"All\", part;\nend");
  fixture.write_scripts(2, "alter table \"All\" detach partition part concurrently",
                        "alter table \"All\" attach partition part for values from (0) to (10)",
                        "transactional: false\nmethods: {}");
  fixture.upgrade(1);
  pg::Connection reader = fixture.database.connect();
  reader.exec("begin; select count(*) from \"All\"");
  const int watcher_rounds = 100;
  fixture.interrupts = 0;
  std::thread stop([&] {
    // The first of its two transactions is done when the partition is pending.
    for (int round = 0; round < watcher_rounds; ++round) {
      if (fixture.text("select count(*) from pg_inherits where inhdetachpending") == "1") break;
      fixture.clock.sleep(std::chrono::milliseconds(50));
    }
    fixture.interrupts = 1;
  });
  CHECK_THROWS(fixture.upgrade(2));
  stop.join();
  fixture.interrupts = 0;
  reader.exec("commit");
  CHECK(fixture.text("select count(*) from pg_inherits where inhdetachpending") == "1");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from pg_inherits") == "0");
}
