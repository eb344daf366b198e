#include "rows/compare.h"

#include "test/database/rows/rows_database.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;
using rows::CompareRequest;
using rows::Comparison;
using rows::TableDifference;

namespace {

/// A database, what was made of it, and how the two compare.
struct Changed {
  explicit Changed(const std::string& schema, const std::string& change, std::int64_t most_rows = 10'000,
                   const CompareRequest& request = {}) {
    database.exec(schema);
    const rows::Contents before = picture(database, most_rows);
    if (!change.empty()) database.exec(change);
    const rows::Contents after = picture(database, most_rows);
    pg::Connection now = database.connect();
    comparison = rows::compare(before, after, request, &now);
    for (const Finding& finding : rows::findings(comparison)) messages.push_back(finding.message);
  }
  const TableDifference& only_table() const {
    REQUIRE(comparison.tables.size() == 1);
    return comparison.tables.front();
  }

  Database database;
  Comparison comparison;
  std::vector<std::string> messages;
};

const char* const tasks = R"(
create table tasks (id integer primary key, state text, run integer, data jsonb);
insert into tasks values (1, 'pending', 0, '{"a": 1}'), (2, null, 1, '{}'), (3, '', 2, null);)";

using Messages = std::vector<std::string>;

}  // namespace

TEST_CASE("Equal contents compare equal, whatever the order and settings", "[rows]") {
  const Changed same(tasks, R"(
create table copy as select * from tasks order by id desc;
truncate tasks;
insert into tasks select * from copy;
drop table copy;
do $$ begin execute format('alter database %I set datestyle = german', current_database()); end $$;
do $$ begin execute format('alter database %I set extra_float_digits = -5', current_database()); end $$;
do $$ begin execute format('alter database %I set timezone = ''Asia/Tokyo''', current_database()); end $$)");
  CHECK(same.messages == Messages{});
  CHECK(same.comparison.is_equal());
}

TEST_CASE("A lost, a new and a changed row are named by their keys", "[rows]") {
  const Changed changed(tasks, R"(
delete from tasks where id = 1;
insert into tasks values (4, 'done', null, '[]');
update tasks set state = 'running', run = null where id = 2)");
  CHECK(changed.messages ==
        Messages{"1 of 3 rows in table tasks lost, such as (id = '1', state = 'pending', run = '0', data = "
                 "'{\"a\": 1}').",
                 "1 row came into table tasks that had not been there, such as (id = '4', state = 'done', "
                 "run = null, "
                 "data = '[]').",
                 "state changed in 1 row of table tasks: where id = '2', state was null and is 'running'.",
                 "run changed in 1 row of table tasks: where id = '2', run was '1' and is null."});
  const Finding finding = rows::findings(changed.comparison).at(2);
  CHECK(finding.rule == "rows-changed");
  CHECK(finding.object == "table tasks");
  CHECK(finding.fact == "state");
  CHECK(finding.expected == "null");
  CHECK(finding.found == "'running'");
  CHECK(finding.severity == Severity::error);
}

TEST_CASE("Null and the empty string differ", "[rows]") {
  const Changed changed(tasks, "update tasks set state = nullif(coalesce(state, 'x'), '')");
  CHECK(changed.only_table().changed == 2);
  CHECK(changed.messages ==
        Messages{"state changed in 2 rows of table tasks: where id = '2', state was null and is 'x'."});
}

TEST_CASE("Floats are compared to the last bit", "[rows]") {
  const char* const floats = R"(
create table f (id integer primary key, d double precision, r real);
insert into f values (1, 0.1, 0.1), (2, 0, 0), (3, 'NaN', 'NaN'), (4, 1e300, 1e30);)";
  CHECK(Changed(floats, "update f set d = d * 1, r = r * 1").messages == Messages{});
  const Changed changed(
      floats, "update f set d = 0.1::float8 + 0.2 - 0.2 where id = 1; update f set d = '-0' where id = 2");
  CHECK(
      changed.messages ==
      Messages{"d changed in 2 rows of table f: where id = '1', d was '0.1' and is '0.10000000000000003'."});
}

TEST_CASE("The order of keys counts in json and not in jsonb", "[rows]") {
  const Changed changed(R"(
create table j (id integer primary key, a json, b jsonb);
insert into j values (1, '{"x": 1, "y": 2}', '{"x": 1, "y": 2}');)",
                        R"(update j set a = '{"y": 2, "x": 1}', b = '{"y": 2, "x": 1}')");
  CHECK(changed.messages ==
        Messages{"a changed in 1 row of table j: where id = '1', a was '{\"x\": 1, \"y\": 2}' "
                 "and is '{\"y\": 2, \"x\": 1}'."});
}

TEST_CASE("Nulls in arrays and the scale of numbers count", "[rows]") {
  const char* const arrays = R"(
create table a (id integer primary key, n integer[], t text[], s numeric);
insert into a values (1, '{1,null}', '{a,null}', 1.5), (2, '{}', null, 2);)";
  CHECK(Changed(arrays, "update a set n = n || '{}'").comparison.is_equal());
  const Changed changed(arrays, "update a set t = '{a,\"NULL\"}', s = 1.50 where id = 1");
  CHECK(changed.messages ==
        Messages{"t changed in 1 row of table a: where id = '1', t was '{a,NULL}' and is '{a,\"NULL\"}'.",
                 "s changed in 1 row of table a: where id = '1', s was '1.5' and is '1.50'."});
}

TEST_CASE("Rows without a key are counted", "[rows]") {
  const char* const bag =
      "create table bag (a integer, b text); insert into bag values (1, 'x'), (1, 'x'), (2, null);";
  CHECK(Changed(bag, "update bag set a = a").comparison.is_equal());
  const Changed doubled(bag, "insert into bag select * from bag where a = 2");
  CHECK(doubled.messages ==
        Messages{"1 row came into table bag that had not been there, such as (a = '2', b = null)."});
  const Changed halved(bag, "delete from bag where ctid = (select min(ctid) from bag)");
  CHECK(halved.messages == Messages{"1 of 3 rows in table bag lost, such as (a = '1', b = 'x')."});
  CHECK(halved.only_table().lost_rows.front().key.empty());
  const Changed changed(bag, "update bag set b = 'y' where a = 2");
  CHECK(changed.only_table().lost == 1);
  CHECK(changed.only_table().added == 1);
}

TEST_CASE("A renamed column is gone and new, or passed over where asked", "[rows]") {
  const char* const rename = "alter table tasks rename state to status";
  const Changed changed(tasks, rename);
  CHECK(changed.messages == Messages{"Column state of table tasks is gone with its values.",
                                     "Column status of table tasks is new."});
  CompareRequest request;
  request.only_common = true;
  CHECK(Changed(tasks, rename, 10'000, request).comparison.is_equal());
  const Changed more(tasks, std::string(rename) + "; update tasks set run = 7 where id = 3", 10'000, request);
  CHECK(more.messages ==
        Messages{"run changed in 1 row of table tasks: where id = '3', run was '2' and is '7'."});
}

TEST_CASE("A column of another type with the same text has not changed", "[rows]") {
  CHECK(
      Changed(tasks, "alter table tasks alter run type bigint, alter id type bigint").comparison.is_equal());
  const Changed changed(tasks, "alter table tasks alter run type numeric(4, 1)");
  CHECK(changed.messages ==
        Messages{"run changed in 3 rows of table tasks: where id = '1', run was '0' and is '0.0'."});
}

TEST_CASE("Without the primary key rows are compared whole", "[rows]") {
  const char* const drop_key = "alter table tasks drop constraint tasks_pkey;";
  CHECK(Changed(tasks, drop_key).comparison.is_equal());
  const Changed changed(tasks, std::string(drop_key) + "update tasks set run = 9 where id = 1");
  CHECK(changed.only_table().lost == 1);
  CHECK(changed.only_table().added == 1);
}

TEST_CASE("Tables that are gone or new are told with their rows", "[rows]") {
  const Changed changed(
      tasks, "create schema s; create table s.t (a int); insert into s.t values (1); drop table tasks");
  CHECK(changed.messages == Messages{"table tasks is gone with 3 rows.", "table s.t is new, with 1 row."});
}

TEST_CASE("Only a sequence that went back is a difference", "[rows]") {
  const char* const numbered = R"(
create table t (id serial primary key, n integer generated always as identity (increment -2));
insert into t values (default), (default), (default);
create sequence never;)";
  CHECK(Changed(numbered, "select nextval('t_id_seq'), nextval('t_n_seq'), nextval('never')")
            .comparison.is_equal());
  const Changed back(numbered, "select setval('t_id_seq', 1), setval('t_n_seq', -1, false)");
  CHECK(
      back.messages ==
      Messages{
          "sequence t_id_seq had given numbers up to 3 and is back at 1: it would give them again.",
          "sequence t_n_seq had given numbers up to -5 and is back at its start: it would give them again."});
}

TEST_CASE("A partitioned table is one table, and its rows may move", "[rows]") {
  const char* const parts = R"(
create table p (id integer primary key) partition by range (id);
create table p1 partition of p for values from (0) to (10);
insert into p values (1), (2);)";
  CHECK(Changed(parts, R"(
alter table p detach partition p1;
create table p2 partition of p for values from (0) to (100);
insert into p select * from p1;
drop table p1)")
            .comparison.is_equal());
  CHECK(Changed(parts, "delete from p1 where id = 2").messages ==
        Messages{"1 of 2 rows in table p lost, such as (id = '2')."});
}

TEST_CASE("Of a table beyond the cap hashes are kept, and examples fetched", "[rows]") {
  const char* const large = R"(
create table large (id integer primary key, name text, n double precision);
insert into large select i, 'name ' || i, i / 7.0 from generate_series(1, 12000) i;)";
  CHECK(Changed(large, "update large set n = n", 100).comparison.is_equal());
  const Changed changed(large, R"(
delete from large where id = 500;
insert into large values (20000, 'new', null);
update large set name = 'other' where id = 700)",
                        100);
  CHECK(
      changed.messages ==
      Messages{
          "1 of 12000 rows in table large lost, such as (id = '500').",
          "1 row came into table large that had not been there, such as (id = '20000', name = 'new', n = "
          "null).",
          "name changed in 1 row of table large: where id = '700', name was another value and is 'other'."});
  // Grown beyond the cap in between: what was kept as text compares with hashes.
  const Changed grown(tasks, "insert into tasks select i from generate_series(4, 200) i", 100);
  CHECK(grown.only_table().added == 197);
  CHECK(grown.only_table().changed == 0);
  const Changed shrunk(
      "create table bag (a integer); insert into bag select i % 150 from generate_series(1, 300) i",
      "delete from bag where a >= 50", 200);
  CHECK(shrunk.only_table().lost == 200);
  CHECK(shrunk.only_table().added == 0);
}

TEST_CASE("Long values are cut where they begin to differ", "[rows]") {
  const Changed changed(
      "create table t (id integer primary key, v text); insert into t values (1, repeat('ä', 100) || 'one')",
      "update t set v = repeat('ä', 100) || 'two'");
  CHECK(changed.messages ==
        Messages{"v changed in 1 row of table t: where id = '1', v was '…ääääääääääone' and is "
                 "'…äääääääääätwo'."});
}

TEST_CASE("Every type's values survive a picture taken twice", "[rows]") {
  const Database database;
  database.exec(rows_case("types.sql"));
  pg::Connection connection = database.connect();
  rows::fill(connection, {});
  const rows::Contents before = picture(database);
  CHECK(rows::compare(before, picture(database)).is_equal());
  for (const auto& [name, table] : before.tables) {
    INFO(name);
    CHECK(table.row_count == 5);
  }
}
