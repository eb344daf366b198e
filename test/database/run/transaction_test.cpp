#include "test/database/run/run_fixture.h"

#include <fmt/format.h>

#include <atomic>

#include "test/support/catch.h"
#include "test/support/proxy.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// Three versions: a table, a method on it, a second table.
void write_three(const RunFixture& fixture) {
  fixture.write_scripts(1, "begin\n  create table one (id int primary key);\nend",
                        "begin\n  drop table one;\nend");
  fixture.write_version(2, R"(methods:
  count_one:
    description: how many
    mode: read
    serviceName: queue
    args: "at_least_in int default 0"
    returns: bigint
    body: |-
      begin
        return (select count(*) from one where id >= at_least_in);
      end)");
  fixture.write_scripts(3, "begin\n  create table three (id int);\nend", "begin\n  drop table three;\nend");
}

run::StepError failure(RunFixture& fixture, int goal) {
  try {
    fixture.upgrade(goal);
  } catch (const run::StepError& error) {
    return error;
  }
  FAIL("the upgrade did not fail");
  throw std::logic_error("not reached");
}

}  // namespace

TEST_CASE("Up to the newest, down to nothing, and up again", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  CHECK(fixture.upgrade(3) == 3);
  CHECK(fixture.exists("public.one"));
  CHECK(fixture.exists("public.count_one"));
  CHECK(fixture.text("select count(*) from dbtool.versions where not adopted") == "3");
  CHECK(fixture.downgrade(1) == 1);
  CHECK_FALSE(fixture.exists("public.three"));
  CHECK_FALSE(fixture.exists("public.count_one"));
  CHECK(fixture.downgrade(0) == 0);
  CHECK_FALSE(fixture.exists("public.one"));
  CHECK(fixture.text("select count(*) from dbtool.versions") == "0");
  CHECK(fixture.upgrade(3) == 3);
  CHECK(fixture.text("select string_agg(outcome, ' ' order by run) from dbtool.runs") ==
        "done done done done");
}

TEST_CASE("A goal that cannot be meant changes nothing", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  fixture.upgrade(2);
  CHECK_THROWS_WITH(fixture.upgrade(1), Catch::Contains("cannot upgrade to version 1"));
  CHECK_THROWS_WITH(fixture.upgrade(4), Catch::Contains("there is no version 4"));
  CHECK_THROWS_WITH(fixture.downgrade(3), Catch::Contains("cannot downgrade to version 3"));
  CHECK(fixture.version() == 2);
}

TEST_CASE("A script that fails at its end leaves nothing, and its place is shown", "[run]") {
  RunFixture fixture;
  fixture.settings.user_prefix = fixture.database.user_prefix();
  const std::string role = fixture.database.create_role("queue");
  fixture.write_scripts(
      1,
      "begin\n  create table one (id int);\n  grant select on one to $db_user_prefix$_queue;\n"
      "  insert into one values (1), (1 / 0);\nend",
      "begin\n  drop table one;\nend");
  const run::StepError error = failure(fixture, 1);
  CHECK(error.exit_code() == ExitCode::failed);
  CHECK(error.facts().fields->sqlstate == "22012");
  CHECK(to_text(error.facts().place) == "versions/0001.yml:6:5");
  CHECK(error.facts().source_line == "    insert into one values (1), (1 / 0);");
  CHECK(error.facts().state == "DATABASE IS AT 0. Nothing of 1 remains.");
  CHECK_FALSE(fixture.exists("public.one"));
  CHECK(fixture.text("select outcome from dbtool.runs") == "failed");
}

TEST_CASE("The place of an error is exact, also behind a prefix and in a method", "[run]") {
  RunFixture fixture;
  fixture.settings.user_prefix = "a_much_longer_prefix_than_the_mark_that_it_stands_for";
  SECTION("a table that is not there") {
    fixture.write_scripts(1, "begin\n  raise notice '$db_user_prefix$'; delete from nowhere;\nend",
                          "begin\nend");
    CHECK(to_text(failure(fixture, 1).facts().place) == "versions/0001.yml:4:50");
  }
  SECTION("a syntax error of the block") {
    fixture.write_scripts(1, "begin\n  perform '$db_user_prefix$'; if true thn null; end if;\nend",
                          "begin\nend");
    const run::StepError error = failure(fixture, 1);
    CHECK(error.facts().place.line == 4);
    CHECK(error.facts().fields->sqlstate == "42601");
  }
  SECTION("a syntax error of a method's body") {
    fixture.write_version(
        1,
        "methods:\n  f:\n    description: d\n    mode: read\n    serviceName: queue\n    args: ''\n"
        "    returns: int\n    body: |-\n      begin\n        retrun 1;\n      end");
    const run::StepError error = failure(fixture, 1);
    CHECK(to_text(error.facts().place) == "versions/0001.yml:11:9");
  }
  SECTION("a script that ends its own transaction") {
    fixture.write_scripts(1, "begin\n  create table one (id int);\n  execute 'com' || 'mit';\nend",
                          "begin\nend");
    const run::StepError error = failure(fixture, 1);
    CHECK(error.facts().fields->sqlstate == "0A000");
    CHECK(to_text(error.facts().place) == "versions/0001.yml:5:5");
    CHECK_FALSE(fixture.exists("public.one"));
  }
}

TEST_CASE("A verify query that is not true rolls the step back", "[run]") {
  RunFixture fixture;
  const std::string query =
      GENERATE("select false", "select null::boolean", "select true where false", "select true, false");
  fixture.write_scripts(1, "begin\n  create table one (id int);\nend", "begin\n  drop table one;\nend",
                        "methods: {}\nverify:\n  upgrade:\n    - select true\n    - " + query);
  const run::StepError error = failure(fixture, 1);
  CHECK_THAT(error.what(), Catch::Contains("verify query 2") && Catch::Contains(query));
  CHECK_FALSE(fixture.exists("public.one"));
}

TEST_CASE("What a role or database has set does not reach the scripts", "[run]") {
  RunFixture fixture;
  const std::string owner = fixture.database.owner();
  fixture.database.exec("alter role \"" + owner + "\" set statement_timeout = '50ms'; alter role \"" + owner +
                        "\" set search_path = pg_catalog; alter role \"" + owner +
                        "\" set default_transaction_isolation = 'serializable'; alter role \"" + owner +
                        "\" set datestyle = 'German'; alter role \"" + owner +
                        "\" set idle_in_transaction_session_timeout = 1");
  fixture.write_scripts(
      1,
      "begin\n  create table one (id int, at date default '2020-02-01');\n  insert into one values (1);\n"
      "  perform pg_sleep(0.2);\n  create table set_to as select current_setting('transaction_isolation') as "
      "i;\nend",
      "begin\n  drop table one, set_to;\nend");
  fixture.write_version(
      2,
      "methods:\n  f:\n    description: d\n    mode: read\n    serviceName: queue\n    args: ''\n"
      "    returns: one\n    body: begin return (select o from one o); end");
  CHECK(fixture.upgrade(2, fixture.database.owner_url()) == 2);
  CHECK(fixture.exists("public.one"));
  CHECK(fixture.text("select i from set_to") == "read committed");
}

TEST_CASE("What a script sets for itself does not reach the methods or the next version", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(
      1, "begin\n  create schema elsewhere;\n  set search_path = elsewhere;\nend",
      "begin\n  drop schema elsewhere;\nend",
      "methods:\n  f:\n    description: d\n    mode: read\n    serviceName: queue\n    args: ''\n"
      "    returns: int\n    body: begin return 1; end");
  fixture.write_scripts(2, "begin\n  create table two (id int);\nend", "begin\n  drop table two;\nend");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.exists("public.f"));
  CHECK(fixture.exists("public.two"));
}

TEST_CASE("A script may deallocate what the connection has prepared", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  fixture.write_scripts(2, "begin\n  create table two ();\n  deallocate all;\nend",
                        "begin\n  deallocate all;\n  drop table two;\nend");
  CHECK(fixture.upgrade(3) == 3);
  CHECK(fixture.exists("public.two"));
  CHECK(fixture.downgrade(0) == 0);
  CHECK(fixture.text("select string_agg(version || direction, ' ' order by finished) from dbtool.steps") ==
        "1upgrade 2upgrade 3upgrade 3downgrade 2downgrade 1downgrade");
}

TEST_CASE("With role: everything has one owner", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  const std::string owner = fixture.database.owner();
  fixture.settings.role = owner;
  CHECK(fixture.upgrade(3) == 3);
  CHECK(fixture.text(
            "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' "
            "and relowner <> '" +
            owner + "'::regrole") == "0");
  CHECK(fixture.text(
            "select count(*) from pg_class where relnamespace = 'dbtool'::regnamespace and relowner <> '" +
            owner + "'::regrole") == "0");
}

TEST_CASE("The answer to COMMIT is lost: the database is asked, and the run goes on", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  Proxy proxy(fixture.database.url());
  std::atomic<int> commits{0};
  SECTION("it was committed") {
    // Commits: ledger made, run begun, version 1.
    proxy.on_request([&](std::string_view bytes) {
      return holds_statement(bytes, "commit") && ++commits == 3 ? Proxy::Fate::lose_answer
                                                                : Proxy::Fate::pass;
    });
    CHECK(fixture.upgrade(3, proxy.url()) == 3);
  }
  SECTION("it never came to the server") {
    proxy.on_request([&](std::string_view bytes) {
      return holds_statement(bytes, "commit") && ++commits == 3 ? Proxy::Fate::drop : Proxy::Fate::pass;
    });
    CHECK(fixture.upgrade(3, proxy.url()) == 3);
  }
  CHECK(proxy.cuts() == 1);
  CHECK(
      fixture.text("select string_agg(version::text || outcome, ' ' order by finished) from dbtool.steps") ==
      "1done 2done 3done");
}

TEST_CASE("A run that was overtaken cannot commit", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  fixture.upgrade(1);
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<RunStarted>(event))
      fixture.database.exec("update dbtool.ledger set current_run = 1000");
  };
  try {
    fixture.upgrade(3);
    FAIL("not fenced");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::busy);
  }
  CHECK(fixture.version() == 1);
}

TEST_CASE("A version row that is moved meanwhile stops the run before its step", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  const std::string statement =
      GENERATE("update dbtool.version set version = 7", "delete from dbtool.version",
               "insert into dbtool.version values (1)");
  fixture.on_event = [&](const Event& event) {
    const auto* step = std::get_if<StepStarted>(&event);
    if (step != nullptr && step->version == 3) fixture.database.exec(statement);
  };
  const run::StepError error = failure(fixture, 3);
  CHECK(error.exit_code() == ExitCode::failed);
  CHECK(error.facts().version == 3);
  CHECK_FALSE(fixture.exists("public.three"));
  CHECK(fixture.text("select string_agg(version::text, ' ' order by version) from dbtool.steps") == "1 2");
}

TEST_CASE("A script that spoils the version table is rolled back", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  fixture.upgrade(2);
  const std::string statement = GENERATE("delete from dbtool.version",
                                         "insert into dbtool.version values (7)", "truncate dbtool.version");
  const std::string script = "begin\n  create table three (id int);\n  " + statement + ";\nend";
  fixture.write_scripts(3, script, "begin\n  drop table three;\nend");
  const run::StepError error = failure(fixture, 3);
  CHECK(error.exit_code() == ExitCode::failed);
  CHECK_THAT(error.what(), Catch::Contains("the version table holds"));
  CHECK_THAT(error.facts().state, Catch::Contains("DATABASE IS AT 2"));
  CHECK_FALSE(fixture.exists("public.three"));
  CHECK(fixture.text("select string_agg(version::text, ' ') from dbtool.version") == "2");
}

TEST_CASE("A second run is told who works", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  fixture.upgrade(1);
  std::string told;
  fixture.on_event = [&](const Event& event) {
    if (!std::holds_alternative<RunStarted>(event)) return;
    fixture.on_event = {};
    try {
      fixture.upgrade(3);
    } catch (const Error& error) {
      CHECK(error.exit_code() == ExitCode::busy);
      told = error.what();
    }
  };
  CHECK(fixture.upgrade(2) == 2);
  CHECK_THAT(told, Catch::Contains("`dbtool upgrade 2`") && Catch::Contains("backend "));
}

TEST_CASE("An orphan is named, ended, and seen gone", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  fixture.upgrade(1);
  pg::Connection orphan = fixture.database.connect();
  orphan.exec("begin; create table of_the_orphan (id int); select pg_advisory_xact_lock_shared(" +
              std::to_string(ledger::lock_class) + ", 2)");
  CHECK(fixture.upgrade(3) == 3);
  CHECK(fixture.was_told("backend " + std::to_string(orphan.backend_pid())));
  CHECK_FALSE(fixture.exists("public.of_the_orphan"));
}

TEST_CASE("What a run did beside its steps when its network was cut is found and ended", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  fixture.upgrade(1);
  pg::Connection orphan = fixture.database.connect();
  const ledger::Session session{"", "dbtool.version"};
  // The server was not told of the cut: the transaction stays open, with its locks.
  orphan.exec("begin");
  orphan.batch(session.setup(orphan.server_version()));
  orphan.exec("create table of_the_orphan (id int)");
  CHECK(fixture.upgrade(3) == 3);
  CHECK(fixture.was_told(
      fmt::format("backend {} still works for a dbtool that is gone", orphan.backend_pid())));
  CHECK_FALSE(fixture.exists("public.of_the_orphan"));
}

TEST_CASE("Whoever waits for a silent dbtool may stop waiting", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  pg::Connection silent = fixture.database.connect();
  silent.exec(fmt::format("begin; select pg_advisory_xact_lock({}, 0)", ledger::lock_class));
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<Message>(event)) fixture.interrupts = 1;
  };
  try {
    fixture.upgrade(3);
    FAIL("it went on");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::stopped);
  }
  CHECK_FALSE(fixture.exists("dbtool.version"));
}

TEST_CASE("Whoever waits for an orphan may stop waiting", "[run]") {
  RunFixture fixture;
  write_three(fixture);
  fixture.upgrade(1);
  pg::Connection orphan = fixture.database.connect();
  orphan.exec(fmt::format("begin; select pg_advisory_xact_lock_shared({}, 2)", ledger::lock_class));
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<Message>(event)) fixture.interrupts = 1;
  };
  CHECK_THROWS_AS(fixture.upgrade(3), Error);
  CHECK(fixture.version() == 1);
  CHECK(orphan.is_alive());
}

TEST_CASE("A role that may use the ledger's schema and make nothing in it is refused beforehand", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(1, "begin\n  create table one (id int);\nend", "begin\n  drop table one;\nend");
  fixture.write_scripts(2, "begin\n  create table two (id int);\nend", "begin\n  drop table two;\nend");
  fixture.upgrade(1);
  const std::string role = fixture.database.create_role("half");
  fixture.database.exec("grant usage on schema dbtool to " + role + "; grant create on schema public to " +
                        role);
  fixture.settings.role = role;
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Matchers::Contains("may not use schema dbtool"));
  CHECK(fixture.version() == 1);
}
