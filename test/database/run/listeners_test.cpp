#include "run/listeners.h"

#include <nlohmann/json.hpp>

#include "ledger/ledger.h"
#include "sql/command.h"
#include "sql/tree.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"
#include "test/support/server.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

using Texts = std::vector<std::string>;

/// Tables one, two and parted (with a partition), as version 1 leaves them.
class ListenersFixture : public RunFixture {
 public:
  ListenersFixture() {
    write_scripts(1, R"(begin
  create table one (id bigint primary key, label text);
  create table "Two" (id bigint primary key);
  create table parted (id bigint primary key) partition by range (id);
  create table part_1 partition of parted for values from (1) to (9);
end)",
                  "begin\n  drop table one, \"Two\", parted;\nend");
    upgrade(1);
  }

  /// "STEP KIND NAME (STATE): HEARS" of the way from 1 to `goal`.
  Texts listeners(int goal) {
    Project project = load();
    pg::Connection connection = database.connect();
    ledger::State state;
    const Direction direction = goal < 1 ? Direction::downgrade : Direction::upgrade;
    const run::Plan plan = run::plan_for(connection, project, {direction, goal}, state);
    Texts texts;
    for (const run::Listener& listener : run::listeners_of(connection, plan, project.settings)) {
      REQUIRE(listener.step < plan.steps.size());
      texts.push_back(std::to_string(listener.step) + " " + run::to_text(listener));
    }
    return texts;
  }
};

}  // namespace

TEST_CASE("The plan names publications of tables that it alters, drops, truncates or makes",
          "[run][listeners]") {
  ListenersFixture fixture;
  fixture.write_scripts(2,
                        "begin\n  alter table one add column note text;\n  update \"Two\" set id = id;\nend",
                        "begin null; end");
  fixture.write_scripts(3, "begin\n  truncate \"Two\";\n  create table three (id bigint);\nend",
                        "begin null; end");
  fixture.write_scripts(
      4, "begin\n  alter table parted add column note text;\n  alter table three add x int;\nend",
      "begin null; end");
  CHECK(fixture.listeners(4).empty());
  fixture.database.exec("create publication feed for table one, \"Two\"");
  CHECK(fixture.listeners(4) == Texts{"0 publication feed: one", "1 publication feed: \"Two\""});
  fixture.database.exec("create publication parts for table part_1");
  CHECK(fixture.listeners(4) ==
        Texts{"0 publication feed: one", "1 publication feed: \"Two\"", "2 publication parts: parted"});
  fixture.database.exec(
      "drop publication feed; drop publication parts; create publication \"All\" for all tables");
  CHECK(fixture.listeners(4) == Texts{"0 publication \"All\": one", "1 publication \"All\": \"Two\"",
                                      "1 publication \"All\": \"public\".\"three\"",
                                      "2 publication \"All\": parted"});
  CHECK(fixture.listeners(0) == Texts{"0 publication \"All\": \"Two\", one, parted"});
}

TEST_CASE("A publication of a schema gets new tables by itself", "[run][listeners]") {
  ListenersFixture fixture;
  if (fixture.database.connect().server_version() < 150000) return;
  fixture.write_scripts(2, "begin\n  create table three (id bigint);\nend",
                        "begin\n  drop table three;\nend");
  fixture.database.exec("create publication here for tables in schema public");
  CHECK(fixture.listeners(2) == Texts{"0 publication here: \"public\".\"three\""});
  fixture.database.exec(
      "create schema there; drop publication here; "
      "create publication here for tables in schema there");
  CHECK(fixture.listeners(2).empty());
}

TEST_CASE("Event triggers are named with the commands that they fire for", "[run][listeners]") {
  ListenersFixture fixture;
  fixture.write_scripts(2, R"(begin
  create index one_label on one (label);
  alter table one drop column label;
end)",
                        "begin null; end",
                        "methods:\n  look:\n    description: x\n    mode: read\n    serviceName: s\n"
                        "    args: ''\n    returns: void\n    body: begin end");
  fixture.files.write("schema/access.yml", "s: {tables: {}}\n");
  fixture.database.exec(R"(
    create function heard() returns event_trigger language plpgsql as 'begin end';
    create event trigger at_end on ddl_command_end execute function heard();
    create event trigger at_drop on sql_drop when tag in ('ALTER TABLE', 'DROP TABLE') execute function heard();
    create event trigger of_views on ddl_command_start when tag in ('CREATE VIEW') execute function heard();
    create event trigger at_rewrite on table_rewrite execute function heard();
    create event trigger silent on ddl_command_end execute function heard();
    alter event trigger silent disable;)");
  CHECK(fixture.listeners(2) == Texts{"0 event trigger at_drop (sql_drop, function heard): ALTER TABLE",
                                      "0 event trigger at_end (ddl_command_end, function heard): CREATE "
                                      "INDEX, ALTER TABLE, CREATE FUNCTION"});
}

TEST_CASE("Commands have the tags that the server gives them", "[run][listeners]") {
  const Database database;
  database.exec(R"(
    create table heard (position int generated always as identity, tag text);
    create function hear() returns event_trigger language plpgsql as
      'begin insert into heard (tag) values (tg_tag); end';
    create event trigger hear on ddl_command_start execute function hear();)");
  const Texts statements = {
      "create table t (a int, b int)",
      "create table p (a int) partition by range (a)",
      "create table p1 partition of p for values from (1) to (2)",
      "create table c as select 1 as a",
      "select 1 as a into s",
      "create view v as select a from t",
      "create materialized view m as select a from t",
      "refresh materialized view m",
      "create index i on t (a)",
      "alter index i rename to j",
      "alter table t add constraint k check (a > 0)",
      "alter table t rename constraint k to l",
      "alter table t rename column b to d",
      "alter view v rename column a to b",
      "alter materialized view m rename to n",
      "create sequence q",
      "alter sequence q restart 5",
      "alter sequence q owned by t.a",
      "create type e as enum ('a')",
      "alter type e add value 'b'",
      "alter type e rename value 'b' to 'c'",
      "create type k as (a int)",
      "alter type k add attribute b int",
      "alter type k rename attribute b to c",
      "create domain d as int",
      "alter domain d add constraint o check (value > 0)",
      "alter domain d rename constraint o to r",
      "create function f() returns int language sql as 'select 1'",
      "alter function f() stable",
      "create procedure g() language sql as 'select 1'",
      "create function w() returns trigger language plpgsql as 'begin return null; end'",
      "create trigger x after insert on t for each row execute function w()",
      "alter trigger x on t rename to y",
      "create rule u as on insert to v do instead nothing",
      "create policy z on t using (true)",
      "alter policy z on t using (false)",
      "create statistics st on a, d from t",
      "alter statistics st rename to su",
      "create aggregate ag (int) (sfunc = int4pl, stype = int)",
      "create collation co from \"C\"",
      "create schema sc",
      "alter table c set schema sc",
      "alter table t owner to current_user",
      "create extension if not exists plpgsql",
      "comment on table t is 'x'",
      "grant select on t to public",
      "revoke select on t from public",
      "alter default privileges grant select on tables to public",
      "create publication pb for table t",
      "alter publication pb owner to current_user",
      "create cast (e as int) with function f2(e)",
      "drop publication pb",
      "drop policy z on t",
      "drop trigger y on t",
      "drop function f()",
      "drop procedure g()",
      "drop aggregate ag (int)",
      "drop statistics su",
      "drop materialized view n",
      "drop view v",
      "drop table t, p",
      "drop type k",
      "drop domain d",
      "drop collation co",
      "drop schema sc cascade",
  };
  for (const std::string& statement : statements) {
    CAPTURE(statement);
    if (statement.starts_with("create cast"))
      database.exec("create function f2(e) returns int language sql as 'select 1'");
    database.exec("truncate heard");
    database.exec(statement);
    const pg::Result tag = database.exec("select tag from heard order by position limit 1");
    REQUIRE(tag.rows() == 1);
    CHECK(sql::command_tag(sql::parse_tree(statement).at(0).at("stmt")) == tag.text(0, 0));
  }
}

TEST_CASE("A run warns of publications before it begins", "[run][listeners]") {
  ListenersFixture fixture;
  fixture.write_scripts(2, "begin\n  alter table one add column note text;\nend",
                        "begin\n  alter table one drop column note;\nend");
  fixture.database.exec("create publication feed for table one");
  run::Run run(
      fixture.database.connect(), fixture.load(), {{Direction::upgrade, 2, false}, "upgrade 2", {}},
      fixture.clock, [&](const Event& event) { fixture.events.push_back(event); }, [] { return 0; });
  run.preflight();
  CHECK(fixture.was_told("version 2: publication feed: one: subscribers"));
}

TEST_CASE("Logical slots are named where a step writes what they must read", "[run][listeners]") {
  ListenersFixture fixture;
  fixture.write_scripts(2, "begin\n  create index one_label on one (label);\nend", "begin null; end");
  fixture.write_scripts(3, "begin\n  update one set label = 'x';\nend", "begin null; end");
  OwnServer server({.settings = {"wal_level=logical"}});
  fixture.upgrade(1, server->url());
  pg::Connection connection = pg::Connection::open({server->url()});
  connection.exec("select pg_create_logical_replication_slot('readers', 'pgoutput')");
  connection.exec("select pg_create_physical_replication_slot('standby')");
  Project project = fixture.load();
  ledger::State state;
  const run::Plan plan = run::plan_for(connection, project, {Direction::upgrade, 3}, state);
  const std::vector<run::Listener> found = run::listeners_of(connection, plan, project.settings);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == run::Listener::Kind::slot);
  CHECK(found[0].step == 1);
  CHECK(found[0].name == "readers");
  CHECK(found[0].state.starts_with("inactive, "));
  CHECK(found[0].message.find("select pg_drop_replication_slot('readers');") != std::string::npos);
  CHECK(run::warnings_of(found, plan).size() == 1);
}
