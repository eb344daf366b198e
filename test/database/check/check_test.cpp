#include "check/check.h"

#include "pg/connection.h"
#include "test/database/check/check_project.h"
#include "test/support/catch.h"
#include "test/support/database.h"

using namespace dbtool;

namespace {

/// "rule object: expected -> found", one a line.
std::string shown(const check::Outcome& outcome) {
  std::string text;
  for (const Finding& finding : outcome.findings) {
    text += (text.empty() ? "" : "\n") + std::string(finding.severity == Severity::note ? "note " : "") +
            finding.rule + " " + finding.object + ": " + finding.expected + " -> " + finding.found;
  }
  return text;
}

std::string with_prefix(std::string text, const std::string& prefix) {
  for (std::size_t at = 0; (at = text.find("P_", at)) != std::string::npos; at += prefix.size()) {
    text.replace(at, 1, prefix);
  }
  return text;
}

/// A database as it should be.
class Checked {
 public:
  Checked() { connection.exec(test::check_database(prefix)); }

  std::string check(int version = 2) { return shown(check::check(connection, project, version)); }
  /// Findings after `sql`, which is undone.
  std::string check_after(const std::string& sql) {
    connection.exec("begin");
    connection.exec(with_prefix(sql, prefix));
    std::string text = check();
    connection.exec("rollback");
    return text;
  }

  test::Database database;
  std::string prefix = database.user_prefix();
  pg::Connection connection = database.connect();
  Project project = test::check_project(prefix);
};

}  // namespace

TEST_CASE("A database as declared has no findings", "[check]") {
  Checked checked;
  CHECK(checked.check() == "");
  const auto outcome = check::check(checked.connection, checked.project, 2);
  CHECK(outcome.clean());
  CHECK(outcome.tables == 3);
  CHECK(outcome.functions == 2);
  CHECK(outcome.grants == 4);
}

TEST_CASE("Each fact changed by hand is found and nothing else", "[check]") {
  struct Case {
    const char* sql;
    const char* findings;
  };
  const std::vector<Case> cases = {
      {"drop table workers cascade", "table-missing table workers: a table -> nothing"},
      {"create table extra (a int)", "table-undeclared table extra:  -> not declared"},
      {"alter table tasks drop column part", "column-missing column tasks.part: integer -> nothing"},
      {"alter table tasks add column more text",
       "column-undeclared column tasks.more:  -> text, not declared"},
      {"alter table tasks alter part type bigint", "column-type column tasks.part: integer -> bigint"},
      {"alter table tasks alter price type numeric(12,2)",
       "column-type column tasks.price: numeric(10,2) -> numeric(12,2)"},
      {"alter table workers alter name type text",
       "column-type column workers.name: character varying(40) -> text"},
      {"alter table tasks alter mood drop not null", "column-null column tasks.mood: not null -> nullable"},
      {"alter table tasks alter part set not null", "column-null column tasks.part: nullable -> not null"},
      {"alter table tasks alter part set not null, alter part type bigint",
       "column-null column tasks.part: nullable -> not null\n"
       "column-type column tasks.part: integer -> bigint"},
      {"alter table tasks add column \"x.y\" text not null",
       "column-undeclared column tasks.x.y:  -> text not null, not declared"},
      {"alter table events alter what set not null", "column-null column events.what: nullable -> not null"},
      {"revoke update on tasks from P_queue",
       "grant-missing grant P_queue on tasks: select, insert, update, delete -> select, insert, delete"},
      {"revoke all on tasks from P_web_server",
       "grant-missing grant P_web_server on tasks: select -> nothing"},
      {"grant update on tasks to P_web_server",
       "grant-extra grant P_web_server on tasks: select -> select, update"},
      {"grant truncate on workers to P_web_server",
       "grant-extra grant P_web_server on workers: select, insert, update, delete -> select, insert, update, "
       "delete, "
       "truncate"},
      {"grant update (part) on tasks to P_web_server",
       "grant-extra grant P_web_server on tasks: select -> select, update"},
      {"grant select (id) on workers to P_queue", "grant-extra grant P_queue on workers: nothing -> select"},
      {"grant select on tasks to public", "grant-public grant PUBLIC on tasks: nothing -> select"},
      {"grant select on events_2026 to P_queue", ""},
      {"grant truncate on events_2026 to P_queue",
       "grant-extra grant P_queue on events_2026: nothing -> truncate"},
      {"grant select on names to P_queue",
       "note grant-extra grant P_queue on names: nothing -> select on a view"},
      {"create role P_other; grant select on tasks to P_other",
       "grant-other-role grant P_other on tasks: nothing -> select"},
      {"create role P_other", ""},
      {"create role zz_P_other; grant select on tasks to zz_P_other", ""},
      {"alter role P_queue superuser", "user-attribute user P_queue: no superuser -> superuser"},
      {"alter role P_queue createdb", "user-attribute user P_queue: no createdb -> createdb"},
      {"alter role P_queue createrole", "user-attribute user P_queue: no createrole -> createrole"},
      {"alter role P_queue replication", "user-attribute user P_queue: no replication -> replication"},
      {"alter role P_queue bypassrls", "user-attribute user P_queue: no bypassrls -> bypassrls"},
      {"grant P_web_server to P_queue",
       "user-membership user P_queue: member of no role -> member of P_web_server"},
      {"revoke usage on schema dbtool from P_queue",
       "user-access user P_queue: usage on schema dbtool -> no such right"},
      {"revoke select on dbtool.version from P_web_server",
       "user-access user P_web_server: select on dbtool.version -> no such right"},
      {"alter table workers owner to P_web_server",
       "grant-missing grant P_web_server on workers: select, insert, update, delete -> nothing\n"
       "table-owner table workers: no service user -> P_web_server"},
      {"alter role P_queue rename to P_gone",
       "grant-other-role grant P_gone on events: nothing -> select, insert, update, delete\n"
       "grant-other-role grant P_gone on tasks: nothing -> select, insert, update, delete\n"
       "user-missing user P_queue: a database user -> nothing"},
      {"drop function count_tasks()", "function-missing function count_tasks(): a function -> nothing"},
      {"create function old_method() returns void language plpgsql as 'begin end'",
       "function-extra function old_method():  -> a method that version 2 dropped"},
      {"alter function count_tasks() security definer",
       "function-security function count_tasks(): invoker -> definer"},
      {"alter function count_tasks() stable",
       "function-volatility function count_tasks(): volatile -> stable"},
      {"create or replace function count_tasks() returns table (a int, b bigint) language sql as "
       "'begin return query select 1, count(*) from tasks; end' set check_function_bodies = off",
       "function-language function count_tasks(): plpgsql -> sql"},
      {"create or replace function find_task(id_in text, limit_in int default 10) returns setof text "
       "language plpgsql as $$begin\n  return query select id from tasks limit 1;\nend$$",
       "function-body function find_task(text, integer): line 2: return query select id from tasks limit "
       "limit_in; -> "
       "line 2: return query select id from tasks limit 1;"},
      {"create or replace function find_task(id_in text, limit_in int default 11) returns setof text "
       "language plpgsql as $$begin\n  return query select id from tasks limit limit_in;\nend$$",
       "function-defaults function find_task(text, integer): 10 -> 11"},
      {"drop function count_tasks(); create function count_tasks() returns table (a int, b int) language "
       "plpgsql as "
       "'begin return query select 1, count(*) from tasks; end'",
       "function-returns function count_tasks(): table (a integer, b bigint) -> table (a integer, b "
       "integer)"},
      {"alter function find_task rename to find_any",
       "function-missing function find_task(text, integer): a function -> nothing"},
      {"drop function find_task; create function find_task(id_in text, size_in int default 10) returns setof "
       "text "
       "language plpgsql as $$begin\n  return query select id from tasks limit limit_in;\nend$$",
       "function-arguments function find_task(text, integer): id_in text, limit_in integer -> id_in text, "
       "size_in "
       "integer"},
      {"drop function find_task; create function find_task(id_in text) returns setof text "
       "language plpgsql as $$begin\n  return query select id from tasks limit limit_in;\nend$$",
       "function-arguments function find_task(text): id_in text, limit_in integer -> id_in text"},
      {"create function count_tasks(a int) returns int language sql as 'select 1'", ""},
      {"create index on workers (id); create sequence s; create type t as (a int); create schema other; "
       "create table other.extra (a int); create temp table tmp (a int)",
       ""},
      {"set local search_path = dbtool", ""},
  };
  Checked checked;
  for (const auto& [sql, findings] : cases) {
    INFO(sql);
    std::string text = sql;
    if (const auto set = text.find(" set check_function_bodies = off"); set != std::string::npos) {
      text = "set local check_function_bodies = off; " + text.substr(0, set);
    }
    CHECK(checked.check_after(text) == with_prefix(findings, checked.prefix));
    if (checked.connection.in_transaction()) checked.connection.exec("rollback");
  }
}

TEST_CASE("Below the newest version tables and grants are not judged", "[check]") {
  Checked checked;
  checked.connection.exec("drop table workers cascade; alter role " + checked.prefix + "_queue createdb");
  CHECK(checked.check(1) ==
        "function-extra function count_tasks():  -> a method of version 2\n"
        "function-missing function old_method(): a function -> nothing\n"
        "user-attribute user " +
            checked.prefix +
            "_queue: no createdb -> createdb\n"
            "note not-judged tables and grants:  -> not judged: the files declare version 2, the database is "
            "at 1");
}

TEST_CASE("Without a prefix grants are left out and a note says so", "[check]") {
  Checked checked;
  checked.project.settings.user_prefix.clear();
  CHECK(checked.check() == "note not-judged users and grants:  -> not judged: no user prefix is given");
}

TEST_CASE("Roles of another target's longer prefix are its own", "[check]") {
  Checked checked;
  checked.project.settings.targets["other"].user_prefix = checked.prefix + "_eu";
  CHECK(checked.check_after("create role P_eu_queue; grant select on tasks to P_eu_queue") == "");
  CHECK_FALSE(checked.check_after("create role P_europe; grant select on tasks to P_europe").empty());
}

TEST_CASE("Ignored findings are counted with their reasons", "[check]") {
  Checked checked;
  checked.project.settings.ignore = {{"table", "tmp_*", "ad hoc"}, {"column", "tasks.x?", "trial"}};
  checked.connection.exec(
      "create table tmp_1 (a int); create table tmp_2 (a int); alter table tasks add column x1 int, "
      "add column y1 int");
  const auto outcome = check::check(checked.connection, checked.project, 2);
  CHECK(shown(outcome) == "column-undeclared column tasks.y1:  -> integer, not declared");
  CHECK(outcome.ignored == 3);
  CHECK(outcome.ignored_reasons == std::vector<std::string>{"ad hoc", "trial"});
}

TEST_CASE("A version table in schema public is left out", "[check]") {
  Checked checked;
  checked.project.settings.version_table = "tcversion";
  checked.connection.exec(
      with_prefix("create table tcversion (version int); grant select on tcversion to P_queue, "
                  "P_web_server",
                  checked.prefix));
  CHECK(checked.check() == "");
}

TEST_CASE("A check needs no rights", "[check]") {
  Checked checked;
  checked.connection.exec(
      with_prefix("create role P_checker login; revoke all on schema public from public; "
                  "create schema hidden; create type hidden.t as enum ('a');"
                  "create function typed(a hidden.t) returns void language plpgsql as 'begin end';"
                  "set role P_checker",
                  checked.prefix));
  checked.project.versions[1].methods.push_back(test::method("typed", "a hidden.t", "void", "begin end"));
  CHECK(checked.check() == "");
  checked.connection.exec("reset role");
}

TEST_CASE("Only new findings are told after an upgrade", "[check]") {
  Checked checked;
  checked.connection.exec("create table extra (a int)");
  const auto before = check::check(checked.connection, checked.project, 2);
  checked.connection.exec("create table more (a int)");
  const auto fresh = check::new_findings(before, check::check(checked.connection, checked.project, 2));
  REQUIRE(fresh.size() == 1);
  CHECK(fresh[0].object == "table more");
}
