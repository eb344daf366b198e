#include "rows/multiply.h"

#include <algorithm>
#include <stdexcept>

#include "pg/transaction.h"
#include "rows/tables.h"
#include "test/database/rows/rows_database.h"
#include "test/support/catch.h"

using namespace dbtool;
using rows::Multiplied;
using rows::multiply;
using rows::MultiplyRequest;

namespace {

const Multiplied& multiplied(const std::vector<Multiplied>& all, const std::string& table) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Multiplied& one) { return one.table == table; });
  REQUIRE(found != all.end());
  return *found;
}

std::int64_t number_of(pg::Connection& connection, const std::string& query) {
  return connection.exec(query).integer(0, 0);
}

MultiplyRequest request_of(std::map<std::string, std::int64_t> rows) {
  MultiplyRequest request;
  request.rows = std::move(rows);
  return request;
}

}  // namespace

TEST_CASE("The columns of unique keys are known, without those that are only included", "[rows]") {
  const test::Database database;
  database.exec(
      "create table t (a integer, b integer, c integer, primary key (c, a)); "
      "create unique index on t (b) include (a)");
  pg::Connection connection = database.connect();
  pg::Transaction transaction(connection);
  const rows::Tables tables = rows::read_tables(connection, {});
  REQUIRE(tables.tables.size() == 1);
  CHECK(tables.tables[0].unique_keys == std::vector<std::vector<std::size_t>>{{2, 0}, {1}});
}

TEST_CASE("Copies of rows get keys of their own that look like the old ones", "[rows]") {
  const test::Database database;
  database.exec(R"(
create table entities (partition_key text, row_key text not null, value jsonb not null, etag uuid not null unique,
                       primary key (partition_key, row_key));
insert into entities
  select id, 'task', jsonb_build_object('taskId', id, 'owner', 'someone', 'n', n), gen_random_uuid()
    from (select n, translate(rpad(encode(sha256(n::text::bytea), 'base64'), 22), '+/=', '-_A') as id
            from generate_series(1, 20) n) s;
update entities set partition_key = left(partition_key, 22), value = value || jsonb_build_object('taskId', left(partition_key, 22)))");
  pg::Connection connection = database.connect();
  const Multiplied made = multiplied(multiply(connection, request_of({{"entities", 5000}})), "entities");
  CHECK(made.reason.empty());
  CHECK(made.rows == 5000);
  CHECK(number_of(connection, "select count(*) from entities") == 5000);
  // The document tells of the same task as the key.
  CHECK(number_of(connection, "select count(distinct value ->> 'taskId') from entities") == 5000);
  CHECK(number_of(connection, "select count(*) from entities where value ->> 'taskId' <> partition_key") ==
        0);
  CHECK(number_of(connection, "select count(*) from entities where length(partition_key) <> 22") == 0);
  CHECK(number_of(connection, "select count(distinct value ->> 'owner') from entities") == 1);
  CHECK(number_of(connection, "select count(distinct row_key) from entities") == 1);
}

TEST_CASE("Foreign keys of copies are spread over all rows of their targets", "[rows]") {
  const test::Database database;
  database.exec(R"(
create type state as enum ('new', 'old');
create table tasks (task_id text primary key, made timestamptz not null default now(), total integer not null,
                    price integer not null, state state not null, check (total = price * 2));
create table runs (task_id text references tasks, run_id integer, worker bigint, primary key (task_id, run_id));
create table details (task_id text primary key references tasks, note text);
create table notes (id bigserial primary key, task_id text references tasks, parent bigint references notes);
insert into tasks select 'task-' || n, now(), n * 2, n, 'new' from generate_series(10, 29) n;
insert into runs select task_id, 0, 5 from tasks;
insert into details select task_id, 'x' from tasks;
insert into notes (task_id, parent) select case when n > 5 then 'task-11' end, null from generate_series(1, 10) n)");
  pg::Connection connection = database.connect();
  std::vector<std::string> told;
  MultiplyRequest request =
      request_of({{"runs", 4000}, {"tasks", 2000}, {"details", 3000}, {"notes", 1000}, {"gone", 7}});
  request.progress = [&](const std::string& table, std::int64_t) { told.push_back(table); };
  const std::vector<Multiplied> made = multiply(connection, request);
  test::check_constraints(connection);
  CHECK(number_of(connection, "select count(*) from tasks") == 2000);
  CHECK(number_of(connection, "select count(*) from runs") == 4000);
  CHECK(number_of(connection, "select count(distinct task_id) from runs") == 2000);
  // Of each task there is one at most.
  CHECK(number_of(connection, "select count(*) from details") == 2000);
  CHECK(multiplied(made, "details").rows == 2000);
  CHECK_FALSE(multiplied(made, "details").reason.empty());
  CHECK(number_of(connection, "select count(*) from notes") == 1000);
  CHECK(number_of(connection, "select count(distinct task_id) from notes") > 100);
  CHECK(number_of(connection, "select count(*) from notes where task_id is null") > 400);
  CHECK(multiplied(made, "gone").reason == "there is no such table");
  CHECK(told.front() == "tasks");
  CHECK_FALSE(connection.in_transaction());
  CHECK(connection.exec("show session_replication_role").text(0, 0) == "origin");
}

TEST_CASE("Copies fulfil every kind of constraint, or are told", "[rows]") {
  const test::Database database;
  database.exec(test::rows_case("constraints.sql"));
  pg::Connection connection = database.connect();
  rows::FillRequest some;
  some.rows = 20;
  some.edge_values = false;
  std::map<std::string, std::int64_t> wanted;
  for (const rows::Filled& filled : rows::fill(connection, some)) wanted[filled.table] = 500;
  int full = 0;
  for (const Multiplied& made : multiply(connection, request_of(wanted))) {
    INFO(made.table << ": " << made.rows << " " << made.reason);
    CHECK((made.rows >= 500) == made.reason.empty());
    full += made.reason.empty() ? 1 : 0;
  }
  CHECK(full * 3 >= static_cast<int>(wanted.size()) * 2);
  test::check_constraints(connection);
}

TEST_CASE("A table that holds nothing, or whose keys are of an unknown kind, is told", "[rows]") {
  const test::Database database;
  database.exec(R"(
create table empty_one (id integer primary key);
create table flags (flag boolean primary key);
insert into flags values (true);
create table small (id smallint primary key);
insert into small values (32700))");
  pg::Connection connection = database.connect();
  const auto made = multiply(connection, request_of({{"empty_one", 10}, {"flags", 10}, {"small", 1000}}));
  CHECK(multiplied(made, "empty_one").reason == "it holds no row to be copied");
  CHECK(multiplied(made, "flags").reason ==
        "no column of a unique key is of a type of which new values are known");
  CHECK(multiplied(made, "small").reason == "smallint out of range");
  CHECK(multiply(connection, request_of({{"flags", 1}})).front().reason.empty());
}

TEST_CASE("A wish to stop ends the making of copies", "[rows]") {
  const test::Database database;
  database.exec("create table numbers (id integer primary key); insert into numbers values (1)");
  pg::Connection connection = database.connect();
  MultiplyRequest request = request_of({{"numbers", 500'000}});
  request.progress = [](const std::string&, std::int64_t rows) {
    if (rows > 50'000) throw std::runtime_error("stop");
  };
  CHECK_THROWS_AS(multiply(connection, request), std::runtime_error);
  CHECK(number_of(connection, "select count(*) from numbers") < 500'000);
  CHECK(connection.exec("show session_replication_role").text(0, 0) == "origin");
}
