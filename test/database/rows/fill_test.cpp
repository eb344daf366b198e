#include "rows/fill.h"

#include <algorithm>

#include "load/load.h"
#include "rows/compare.h"
#include "test/database/rows/rows_database.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;
using rows::fill;
using rows::Filled;
using rows::FillRequest;

namespace {

FillRequest with_seed(std::uint64_t seed) {
  FillRequest request;
  request.seed = seed;
  return request;
}

const Filled& of(const std::vector<Filled>& filled, const std::string& table) {
  const auto found =
      std::find_if(filled.begin(), filled.end(), [&](const Filled& one) { return one.table == table; });
  REQUIRE(found != filled.end());
  return *found;
}

std::int64_t count(pg::Connection& connection, const std::string& from) {
  return connection.exec("select count(*) from " + from).integer(0, 0);
}

}  // namespace

TEST_CASE("Rows of every type are made, with twenty seeds", "[rows]") {
  const Database database;
  database.exec(rows_case("types.sql"));
  pg::Connection connection = database.connect();
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    empty_all(connection);
    check_filled(fill(connection, with_seed(seed)));
    check_constraints(connection);
    CHECK(count(connection, "nothing_but_nulls where num_nonnulls(a, b, c, d, e) = 5") >= 1);
    CHECK(count(connection, "without_columns") == 5);
  }
}

TEST_CASE("Rows that fulfil every kind of constraint are made, with twenty seeds", "[rows]") {
  const Database database;
  database.exec(rows_case("constraints.sql"));
  pg::Connection connection = database.connect();
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    empty_all(connection);
    check_filled(fill(connection, with_seed(seed)));
    check_constraints(connection);
    CHECK(count(connection, "soft_a where b is not null") >= 1);
    CHECK(count(connection, "tree where parent is not null") >= 1);
    CHECK(count(connection, "egg join hen on hen.number = egg.hen and hen.egg = egg.id") == 5);
    for (const char* const partition :
         {"by_list_build", "by_list_rest", "by_range_2020", "by_range_2021_0", "by_range_2021_1", "by_hash_0",
          "by_hash_1", "by_hash_2", "by_two_low", "by_two_high"}) {
      INFO(partition);
      CHECK(count(connection, partition) >= 1);
    }
    CHECK(count(connection, "only base") == 5);
    CHECK(count(connection, "derived") == 5);
  }
}

TEST_CASE("The same seed gives the same rows, another one others", "[rows]") {
  std::vector<rows::Contents> pictures;
  for (const std::uint64_t seed : {7U, 7U, 8U}) {
    const Database database;
    database.exec("create table so_that_oids_differ (seed int); drop table so_that_oids_differ");
    if (pictures.size() == 1)
      database.exec("create schema s; create table s.t (a int); drop schema s cascade");
    database.exec(rows_case("constraints.sql"));
    pg::Connection connection = database.connect();
    fill(connection, with_seed(seed));
    pictures.push_back(picture(database));
  }
  for (const Finding& finding : findings(compare(pictures[0], pictures[1]))) FAIL_CHECK(finding.message);
  CHECK_FALSE(compare(pictures[0], pictures[2]).is_equal());
}

TEST_CASE("A table that can hold no row is told with the reason and stops no other", "[rows]") {
  const Database database;
  database.exec(R"(
create schema ledger;
create table ledger.runs (id integer primary key);
create table impossible (a integer not null check (a > 5 and a < 3));
create table refers_to_nothing (id integer primary key references ledger.runs);
create table refers_to_impossible (id integer primary key, a integer not null);
create table few (flag boolean primary key);
create table refused (id integer);
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not today'; end $$;
create trigger refuse before insert on refused for each row execute function refuse();
create table swallowed (id integer);
create rule swallow as on insert to swallowed do instead nothing;
create table parts (id integer not null check (id < 10)) partition by range (id);
create table parts_low partition of parts for values from (0) to (10);
create table parts_high partition of parts for values from (10) to (20);
create table usual (id integer primary key))");
  pg::Connection connection = database.connect();
  FillRequest request;
  request.scope.excluded_schemas = {"ledger"};
  request.scope.excluded_tables = {"public.refers_to_impossible"};
  const std::vector<Filled> filled = fill(connection, request);
  const auto reason = [&](const std::string& table) { return of(filled, table).reason; };
  CHECK(reason("impossible") ==
        "new row for relation \"impossible\" violates check constraint \"impossible_a_check\"");
  CHECK(reason("refers_to_nothing") == "it refers to ledger.runs, which has no rows");
  CHECK(of(filled, "few").rows == 2);
  CHECK(reason("few") == "duplicate key value violates unique constraint \"few_pkey\"");
  CHECK(reason("refused") == "not today");
  CHECK_FALSE(reason("swallowed").empty());
  CHECK(of(filled, "parts").rows >= 5);
  CHECK_FALSE(reason("parts_high").empty());
  CHECK(of(filled, "usual").rows == 5);
  CHECK(count(connection, "usual") == 5);
  CHECK(count(connection, "ledger.runs") + count(connection, "refers_to_impossible") == 0);
  CHECK(std::none_of(filled.begin(), filled.end(), [](const Filled& one) {
    return one.table == "ledger.runs" || one.table == "parts_low" || one.table == "refers_to_impossible";
  }));
}

TEST_CASE("Tables that hold rows get more, or are left alone where asked", "[rows]") {
  const Database database;
  database.exec(R"(
create table filled (id integer primary key, name text not null unique);
insert into filled select n, 'name ' || n from generate_series(1, 3) n;
create table empty (filled integer not null references filled);)");
  pg::Connection connection = database.connect();
  FillRequest request;
  request.leave_filled = true;
  std::vector<Filled> filled = fill(connection, request);
  CHECK(of(filled, "filled").was_left);
  CHECK(count(connection, "filled") == 3);
  CHECK(count(connection, "empty") == 5);
  request.leave_filled = false;
  request.rows = 4;
  request.seed = 2;
  filled = fill(connection, request);
  CHECK_FALSE(of(filled, "filled").was_left);
  CHECK(count(connection, "filled") == 7);
  CHECK(count(connection, "empty") == 9);
}

TEST_CASE("Without triggers rows go in as they were made", "[rows]") {
  const Database database;
  database.exec(R"(
create table refused (id integer);
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not today'; end $$;
create trigger refuse before insert on refused for each row execute function refuse())");
  pg::Connection connection = database.connect();
  FillRequest request;
  request.fire_triggers = false;
  check_filled(fill(connection, request));
  CHECK_THROWS(connection.exec("insert into refused values (1)"));
}

TEST_CASE("A filled database keeps its settings and gets no objects", "[rows]") {
  const Database database;
  database.exec(rows_case("types.sql"));
  pg::Connection connection = database.connect();
  const std::string objects =
      "select count(*) from pg_class, pg_namespace union all select count(*) from pg_proc";
  const auto facts = [&] {
    const pg::Result counted = connection.exec(objects);
    return connection.exec("select current_setting('search_path') || current_setting('TimeZone')")
               .optional_text(0, 0)
               .value() +
           std::to_string(counted.integer(0, 0)) + " " + std::to_string(counted.integer(1, 0));
  };
  const std::string before = facts();
  fill(connection, {});
  CHECK(facts() == before);
  CHECK_FALSE(connection.in_transaction());
}

TEST_CASE("A database that holds ASCII alone is filled", "[rows]") {
  const Database database("encoding 'SQL_ASCII' locale 'C'");
  database.exec("create table t (id serial primary key, a text not null, b jsonb not null)");
  pg::Connection connection = database.connect();
  check_filled(fill(connection, {}));
}

TEST_CASE("Every table of the shipped database gets rows, at every fourth version and the newest", "[rows]") {
  RunFixture fixture;
  fixture.settings.user_prefix = fixture.database.user_prefix();
  const Project project =
      load::load_project(DBTOOL_SOURCE_DIRECTORY, [](const std::string&) { return std::nullopt; });
  const int newest = static_cast<int>(project.versions.size());
  for (const char* const service : {"auth", "github", "hooks", "index", "notify", "object", "purge_cache",
                                    "queue", "secrets", "web_server", "worker_manager", "monitor"})
    fixture.database.create_role(service);
  for (int version = 1; version <= newest;
       version = version == newest ? newest + 1 : std::min(version + 4, newest)) {
    Project copy = project;
    copy.settings.user_prefix = fixture.database.user_prefix();
    fixture.go(Direction::upgrade, version, std::move(copy));
    pg::Connection connection = fixture.database.connect();
    FillRequest request;
    INFO("version " << version);
    check_filled(fill(connection, request));
    // Migrations read entities as the services write them, which these are not.
    empty_all(connection);
  }
}
