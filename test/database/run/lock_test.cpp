#include "ledger/run_lock.h"
#include "test/database/run/run_fixture.h"

#include "test/support/catch.h"
#include "test/support/proxy.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

void write_locking(const RunFixture& fixture) {
  fixture.write_scripts(1, "begin\n  create table one (id int);\nend", "begin\n  drop table one;\nend");
  fixture.write_scripts(2, "begin\n  alter table one add column name text;\nend",
                        "begin\n  alter table one drop column name;\nend");
}

}  // namespace

TEST_CASE("A lock that is not to be had is tried again, and the blocker is named", "[run]") {
  RunFixture fixture;
  write_locking(fixture);
  fixture.settings.lock_timeout = std::chrono::milliseconds(250);
  fixture.upgrade(1);
  pg::Connection reader = fixture.database.connect();
  reader.exec("set application_name = 'a long report'; begin; select count(*) from one");
  SECTION("until it is free") {
    fixture.on_event = [&](const Event& event) {
      if (std::holds_alternative<LockRetry>(event)) reader.exec("commit");
    };
    CHECK(fixture.upgrade(2) == 2);
    const std::vector<LockRetry> retries = fixture.events_of<LockRetry>();
    REQUIRE_FALSE(retries.empty());
    REQUIRE(retries.front().blockers.size() == 1);
    CHECK(retries.front().blockers.front().pid == reader.backend_pid());
    CHECK(retries.front().blockers.front().application == "a long report");
  }
  SECTION("until the tries are used up") {
    fixture.settings.lock_retries = 2;
    CHECK_THROWS_WITH(fixture.upgrade(2),
                      Catch::Contains("a long report") && Catch::Contains("blocked by pid"));
    CHECK(fixture.version() == 1);
    CHECK(fixture.events_of<LockRetry>().size() == 1);
  }
  SECTION("until somebody wants to stop") {
    fixture.on_event = [&](const Event& event) {
      if (std::holds_alternative<LockRetry>(event)) fixture.interrupts = 1;
    };
    try {
      fixture.upgrade(2);
      FAIL("not stopped");
    } catch (const Error& error) {
      CHECK(error.exit_code() == ExitCode::stopped);
    }
    CHECK(fixture.version() == 1);
    CHECK(fixture.text("select outcome from dbtool.runs order by run desc limit 1") == "stopped");
  }
}

TEST_CASE("A young script is cancelled when somebody wants to stop", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(
      1, "begin\n  create table one (id int);\n  raise notice 'sleeping';\n  perform pg_sleep(60);\nend",
      "begin\n  drop table one;\nend");
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<ScriptNotice>(event)) fixture.interrupts = 1;
  };
  try {
    fixture.upgrade(1);
    FAIL("not stopped");
  } catch (const run::StepError& error) {
    CHECK(error.exit_code() == ExitCode::stopped);
    CHECK_THAT(error.facts().state, Catch::Contains("DATABASE IS AT 0"));
  }
  CHECK_FALSE(fixture.exists("public.one"));
}

TEST_CASE("What would fail later is told before the first step", "[run]") {
  RunFixture fixture;
  write_locking(fixture);
  fixture.upgrade(1, fixture.database.owner_url());
  const std::string other = fixture.database.create_role("other");
  const auto refuses = [&](const std::string& reason) {
    CHECK_THROWS_WITH(fixture.upgrade(2, fixture.database.owner_url()), Catch::Contains(reason));
    CHECK(fixture.version() == 1);
  };
  SECTION("a table of another owner") {
    fixture.database.exec("alter table one owner to \"" + other + "\"");
    refuses("is owned by " + other);
  }
  SECTION("a table of another owner, behind a search path of the role's own") {
    fixture.database.exec("alter table one owner to \"" + other + "\"; alter role \"" +
                          fixture.database.owner() + "\" set search_path = nowhere");
    refuses("table public.one is owned by " + other);
  }
  SECTION("not a table of the same name in a schema that comes first on the role's search path") {
    fixture.database.exec(
        "create schema app; create table app.one (x integer); grant usage on schema app to \"" +
        fixture.database.owner() + "\"; alter role \"" + fixture.database.owner() +
        "\" set search_path = app, public");
    CHECK(fixture.upgrade(2, fixture.database.owner_url()) == 2);
  }
  SECTION("a table that is only read, of another owner or under row security") {
    fixture.write_scripts(2, "begin\n  create table copy as select * from source;\nend",
                          "begin\n  drop table copy;\nend");
    fixture.database.exec("create table source (id int); alter table source owner to \"" + other + "\"");
    refuses("table source is owned by " + other + ", and this role may not read it: grant select on source");
    fixture.database.exec("grant select on source to \"" + fixture.database.owner() +
                          "\"; alter table source enable row level security");
    refuses("table source is under row security");
    fixture.database.exec("alter table source disable row level security");
    CHECK(fixture.upgrade(2, fixture.database.owner_url()) == 2);
  }
  SECTION("a table that is only filled, of another owner") {
    fixture.write_scripts(2, "begin\n  insert into filled values (1);\nend", "begin\n  null;\nend");
    fixture.database.exec("create table filled (id int); alter table filled owner to \"" + other + "\"");
    refuses("table filled is owned by " + other + ", and this role may not change it");
    fixture.database.exec("grant insert on filled to \"" + fixture.database.owner() + "\"");
    CHECK(fixture.upgrade(2, fixture.database.owner_url()) == 2);
  }
  SECTION("row security that hides rows") {
    fixture.database.exec(
        "alter table one enable row level security; alter table one force row level security");
    refuses("row security");
  }
  SECTION("a service user that is missing") {
    fixture.settings.user_prefix = fixture.database.user_prefix();
    fixture.files.write("schema/tables.yml", "one: {id: integer, name: text}\n");
    fixture.files.write("schema/access.yml", "web-server: {tables: {one: read}}\n");
    refuses("service user " + fixture.database.user_prefix() + "_web_server does not exist");
  }
  SECTION("a table on which this role may grant nothing") {
    fixture.database.exec("create table given (id int); alter table given owner to \"" + other + "\"");
    fixture.write_scripts(2, "begin\n  grant select on given to \"" + other + "\";\nend", "begin end");
    refuses("grant rights on given, which is owned by " + other);
    fixture.database.exec("grant select on given to \"" + fixture.database.owner() + "\" with grant option");
    CHECK(fixture.upgrade(2, fixture.database.owner_url()) == 2);
  }
  SECTION("a version table that the services could not be let read") {
    fixture.settings.user_prefix = fixture.database.user_prefix();
    fixture.files.write("schema/tables.yml", "one: {id: integer, name: text}\n");
    fixture.files.write("schema/access.yml", "web: {tables: {one: read}}\n");
    fixture.database.create_role("web");
    fixture.database.exec("revoke usage on schema public from public; alter schema public owner to \"" +
                          other + "\"; grant usage, create on schema public to \"" +
                          fixture.database.owner() + "\"");
    refuses("may not grant usage on schema public to the services");
  }
  SECTION("a role that cannot be taken") {
    fixture.settings.role = other;
    refuses("set role");
  }
  SECTION("an extension that is not there") {
    fixture.settings.extensions = {"no_such_extension"};
    refuses("extension no_such_extension is not installed");
  }
  SECTION("an extension that superusers alone may make") {
    fixture.settings.extensions = {"pageinspect"};
    refuses("extension pageinspect can be made by a superuser only");
    // Where the service of somebody else's server has such a role, its server decides.
    fixture.database.exec(R"(
        do $$ begin create role rds_superuser; exception when duplicate_object then null; end $$;
        grant rds_superuser to ")" +
                          fixture.database.owner() + "\"");
    refuses("permission denied to create extension");
  }
  SECTION("a server of another version, or another sort order") {
    fixture.settings.server = ">=99";
    refuses("asks for >=99");
    fixture.settings.server = "";
    fixture.settings.sort_order = "b < a";
    refuses("sorts a < b");
  }
  SECTION("another name") {
    fixture.settings.name = "staging";
    fixture.upgrade(1, fixture.database.owner_url());
    fixture.settings.name = "production";
    refuses("this database is `staging`");
  }
}

TEST_CASE("What is no table may be altered as one", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(1,
                        "begin\n  create table one (id int);\n  create view v as select id from one;\n"
                        "  create materialized view m as select id from one;\n  create sequence s;\n"
                        "  create index i on one (id);\nend",
                        "begin\n  drop table one cascade;\n  drop sequence s;\nend");
  fixture.write_scripts(2,
                        "begin\n  alter table v rename to v2;\n  alter table m rename to m2;\n"
                        "  alter table s rename to s2;\n  alter table i rename to i2;\nend",
                        "begin\n  alter table v2 rename to v;\n  alter table m2 rename to m;\n"
                        "  alter table s2 rename to s;\n  alter table i2 rename to i;\nend");
  CHECK(fixture.upgrade(2, fixture.database.owner_url()) == 2);
  CHECK(fixture.downgrade(1, fixture.database.owner_url()) == 1);
}

TEST_CASE("After an upgrade the services may read the version", "[run]") {
  RunFixture fixture;
  write_locking(fixture);
  fixture.settings.user_prefix = fixture.database.user_prefix();
  const std::string user = fixture.database.create_role("web_server");
  fixture.files.write("schema/tables.yml", "one: {id: integer, name: text}\n");
  fixture.files.write("schema/access.yml", "web-server: {tables: {one: read}}\n");
  fixture.upgrade(2, fixture.database.owner_url());
  pg::Connection service = fixture.database.connect(user);
  CHECK(service.exec("select version from dbtool.version").integer(0, 0) == 2);
}

TEST_CASE("A run lock is taken back from a session of whose end the server has not learnt", "[run]") {
  RunFixture fixture;
  // What its own session does is not shown to a role that is set by default.
  const std::string plain = fixture.database.create_role("plain", "nologin");
  const std::string owner = fixture.database.owner();
  fixture.database.exec("grant " + plain + " to " + owner);
  fixture.database.exec("alter role " + owner + " set role = " + plain);
  Proxy proxy(fixture.database.owner_url());
  pg::Address address;
  address.url = proxy.url(owner);
  SystemClock clock;
  const Interrupts interrupts([] { return 0; }, clock);
  ledger::RunLock lock = ledger::RunLock::acquire(
      address, clock, [](const Event&) {}, interrupts);
  const int before = lock.backend_pid();
  proxy.cut_unheard();
  lock.confirm();
  CHECK(lock.backend_pid() != before);
  CHECK_FALSE(lock.is_lost());
}

TEST_CASE("A run lock that was lost is taken again, and never from somebody else", "[run]") {
  const RunFixture fixture;
  Proxy proxy(fixture.database.owner_url());
  pg::Address address;
  address.url = proxy.url(fixture.database.owner());
  pg::Address direct;
  direct.url = fixture.database.owner_url();
  SystemClock clock;
  std::string told;
  const Observer observer = [&](const Event& event) {
    if (const auto* message = std::get_if<Message>(&event)) told += message->text;
  };
  const Interrupts interrupts([] { return 0; }, clock);
  ledger::RunLock lock = ledger::RunLock::acquire(address, clock, observer, interrupts);
  const int before = lock.backend_pid();
  lock.confirm();
  CHECK(lock.backend_pid() == before);
  proxy.cut();
  SECTION("free in the meantime") {
    lock.confirm();
    CHECK(lock.backend_pid() != before);
    CHECK_FALSE(lock.is_lost());
    CHECK_THAT(told, Catch::Contains("was lost") && Catch::Contains("taken again"));
    try {
      ledger::RunLock::acquire(direct, clock, observer, interrupts);
      FAIL("held twice");
    } catch (const Error& error) {
      CHECK(error.exit_code() == ExitCode::busy);
    }
  }
  SECTION("taken by another run") {
    const ledger::RunLock other = ledger::RunLock::acquire(direct, clock, observer, interrupts);
    CHECK_THROWS_WITH(lock.confirm(), Catch::Contains("the run lock was lost"));
    CHECK_THAT(told, !Catch::Contains("taken again"));
    CHECK_FALSE(other.is_lost());
  }
}
