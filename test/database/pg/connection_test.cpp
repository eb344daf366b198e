#include "pg/connection.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "test/support/catch.h"
#include "test/support/database.h"
#include "test/support/proxy.h"
#include "test/support/server.h"

using namespace dbtool;
using test::Database;

namespace {

/// The PgError that `work` throws; fails the test when it throws none.
template <typename Work>
pg::PgError error_of(Work work) {
  try {
    work();
  } catch (const pg::PgError& error) {
    return error;
  }
  FAIL("nothing was thrown");
  throw std::logic_error("not reached");
}

}  // namespace

TEST_CASE("values travel both ways", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  const pg::Result result = connection.query(
      "select $1::int + 1, $2::text, $3::text, true, 1.5, 'x'::\"char\"", {{"41", std::nullopt, "ö"}});
  CHECK(result.rows() == 1);
  CHECK(result.columns() == 6);
  CHECK(result.integer(0, 0) == 42);
  CHECK(result.is_null(0, 1));
  CHECK_FALSE(result.optional_text(0, 1));
  CHECK(result.text(0, 2) == "ö");
  CHECK(result.boolean(0, 3));
  CHECK(result.number(0, 4) == 1.5);
  CHECK_THROWS_AS(result.integer(0, 5), Error);
  connection.exec("create table t (a int); insert into t select generate_series(1, 3)");
  CHECK(connection.query("update t set a = a where a > 1").affected() == 2);
}

TEST_CASE("a connection tells its ends and how it is named", "[pg]") {
  const Database database;
  pg::Connection connection =
      pg::Connection::open({.url = database.url(), .options = {"-c search_path=public"}});
  CHECK(connection.database() == database.name());
  CHECK(connection.user() == "postgres");
  CHECK(connection.server_version() >= 140000);
  CHECK(connection.query("select pg_backend_pid()").integer(0, 0) == connection.backend_pid());
  CHECK(connection.query("show application_name").text(0, 0) == "dbtool");
  CHECK(connection.query("show search_path").text(0, 0) == "public");
  CHECK(connection.parameter_status("client_encoding") == "UTF8");
  const std::string named = database.url() + "&application_name=mine&options=-c%20lock_timeout%3D7";
  pg::Connection other = pg::Connection::open({.url = named, .options = {"-c statement_timeout=9s"}});
  CHECK(other.query("show application_name").text(0, 0) == "mine");
  CHECK(other.query("show lock_timeout").text(0, 0) == "7ms");
  CHECK(other.query("show statement_timeout").text(0, 0) == "9s");
}

TEST_CASE("an error carries SQLSTATE, position in characters and names", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  const pg::PgError unknown = error_of([&] { connection.exec("select 'äöü', nix"); });
  CHECK(unknown.sqlstate() == "42703");
  CHECK(unknown.fields().position == 15);
  CHECK(unknown.exit_code() == ExitCode::failed);
  const pg::PgError inner = error_of([&] { connection.exec("do $$ begin perform nix; end $$"); });
  CHECK(inner.fields().internal_query.find("nix") != std::string::npos);
  CHECK(inner.fields().internal_position > 0);
  connection.exec("create table t (a int constraint positive check (a > 0))");
  const pg::PgError check = error_of([&] { connection.exec("insert into t values (0)"); });
  CHECK(check.fields().table == "t");
  CHECK(check.fields().constraint == "positive");
  const pg::PgError role = error_of([&] { connection.exec("alter role nix password 'secret'"); });
  CHECK(role.fields().statement.find("secret") == std::string::npos);
  const pg::PgError read_only =
      error_of([&] { connection.exec("set transaction read only; create table u ()"); });
  CHECK(read_only.is_read_only());
  CHECK(read_only.exit_code() == ExitCode::unreachable);
}

TEST_CASE("notices arrive while the statement runs", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  pg::Connection other = database.connect();
  std::vector<std::string> seen;
  // The script waits for a row that is put in only when its notice has come.
  connection.exec("create table answer ()");
  connection.on_notice([&](const pg::Notice& notice) {
    seen.push_back(notice.severity + " " + notice.message);
    if (seen.size() == 1) other.exec("insert into answer default values");
  });
  connection.exec(R"(
    do $$
    begin
      raise notice 'half way';
      while not exists (select from answer) loop
        perform pg_sleep(0.01);
      end loop;
      raise warning 'done';
    end $$)");
  CHECK(seen == std::vector<std::string>{"NOTICE half way", "WARNING done"});
}

TEST_CASE("an exception of on_wait cancels the statement", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  connection.on_wait([] { throw std::runtime_error("enough"); });
  CHECK_THROWS_WITH(connection.exec("select pg_sleep(600)"), "enough");
  CHECK_THROWS_WITH(connection.batch({{"select 1"}, {"select pg_sleep(600)"}, {"select pg_sleep(600)"}}),
                    "enough");
  connection.on_wait({});
  CHECK(connection.query("select 1").integer(0, 0) == 1);
  CHECK_FALSE(connection.in_transaction());
}

TEST_CASE("a canceller works from another thread", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  std::atomic<bool> ended = false;
  std::thread thread([&ended, canceller = connection.canceller()] {
    while (!ended) {
      canceller.cancel();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  const pg::PgError error = error_of([&] { connection.exec("select pg_sleep(600)"); });
  ended = true;
  thread.join();
  CHECK(error.is_cancelled());
}

TEST_CASE("a batch gives all results, or says which statement failed", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  CHECK(connection.batch({}).empty());
  const auto results =
      connection.batch({{"create table t (a int)"}, {"insert into t values ($1)", {{"7"}}}, {"table t"}});
  REQUIRE(results.size() == 3);
  CHECK(results[1].affected() == 1);
  CHECK(results[2].integer(0, 0) == 7);
  const pg::PgError error = error_of([&] {
    connection.batch({{"insert into t values (8)"}, {"select 1/0"}, {"select 1"}});
  });
  CHECK(error.fields().statement_index == 1);
  CHECK(error.fields().statement == "select 1/0");
  // It was one transaction.
  CHECK(connection.query("select count(*) from t").integer(0, 0) == 1);
}

TEST_CASE("a statement that is sent again and again is parsed once", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  const pg::Statement add{"select $1::int + 1", {{"1"}}, true};
  const auto first = connection.batch({add, {"select 7"}, {add.sql, {{"41"}}, true}});
  REQUIRE(first.size() == 3);
  CHECK(first[0].integer(0, 0) == 2);
  CHECK(first[1].integer(0, 0) == 7);
  CHECK(first[2].integer(0, 0) == 42);
  CHECK(connection.batch({add})[0].integer(0, 0) == 2);
  CHECK(connection.query("select count(*) from pg_prepared_statements").integer(0, 0) == 1);

  // What fails before it, in it and after it is told of the right statement, and it can be sent again.
  const pg::Statement divide{"select 1 / $1::int", {{"0"}}, true};
  CHECK(error_of([&] { connection.batch({{"select 1/0"}, divide}); }).fields().statement_index == 0);
  const pg::PgError in_it = error_of([&] { connection.batch({add, divide, {"select 1"}}); });
  CHECK(in_it.fields().statement_index == 1);
  CHECK(in_it.is("22012"));
  CHECK(error_of([&] { connection.batch({add, divide, {"nonsense"}}); }).fields().statement_index == 1);
  CHECK(error_of([&] {
          connection.batch({{"select", {}, true}, {"nonsense", {}, true}});
        })
            .fields()
            .statement_index == 1);
  CHECK(connection.batch({{divide.sql, {{"1"}}, true}})[0].integer(0, 0) == 1);
}

TEST_CASE("the server has dropped a statement that it was to keep", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  const pg::Statement kept{"select 42", {}, true};
  connection.batch({kept});
  connection.exec("deallocate all");
  const pg::PgError lost = error_of([&] { connection.batch({{"select 1"}, kept}); });
  CHECK(lost.fields().kept_statement_lost);
  CHECK(lost.fields().statement_index == 1);
  CHECK(connection.batch({kept})[0].integer(0, 0) == 42);
  CHECK(connection.query("select count(*) from pg_prepared_statements").integer(0, 0) == 0);
  // One that the caller executes itself is the caller's.
  CHECK_FALSE(error_of([&] { connection.batch({{"execute nothing"}}); }).fields().kept_statement_lost);
}

TEST_CASE("a server of our own keeps what every run asks, also when somebody deallocates it", "[pg]") {
  pg::Address address{.url = test::shared_server_url()};
  const auto kept_after_two = [](const pg::Address& at) {
    pg::Connection connection = pg::Connection::open(at);
    for (int i = 0; i < 2; ++i) {
      CHECK(connection.ask("select $1::integer + 41", {"1"}).integer(0, 0) == 42);
      CHECK(connection.batch({pg::repeated("select 7")})[0].integer(0, 0) == 7);
    }
    return connection.exec("select count(*) from pg_prepared_statements").integer(0, 0);
  };
  CHECK(kept_after_two(address) == 0);
  address.is_own_server = true;
  CHECK(kept_after_two(address) == 2);

  pg::Connection connection = pg::Connection::open(address);
  connection.ask("select 1");
  connection.exec("deallocate all");
  CHECK(connection.ask("select 1").integer(0, 0) == 1);
  CHECK(connection.ask("select 1").integer(0, 0) == 1);
  // Within a transaction it cannot be repeated: whoever has begun it is told.
  pg::Connection other = pg::Connection::open(address);
  other.ask("select 1");
  other.exec("deallocate all; begin");
  CHECK(error_of([&] { other.ask("select 1"); }).fields().kept_statement_lost);
}

TEST_CASE("who sends a statement may judge its answer", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  pg::Statement judged{"select 6"};
  judged.judge = [](const pg::Result& answer) {
    throw std::runtime_error("not " + std::to_string(answer.integer(0, 0)));
  };
  CHECK_THROWS_WITH(connection.batch({{"select 1"}, judged, {"select 2"}}), "not 6");
  CHECK(connection.query("select 1").integer(0, 0) == 1);
  // Nobody judges what did not succeed as a whole.
  CHECK(error_of([&] { connection.batch({judged, {"select 1/0"}}); }).is("22012"));
}

TEST_CASE("a batch larger than all buffers does not deadlock", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  const std::string padding(2000, 'y');
  std::vector<pg::Statement> statements;
  for (int number = 0; number < 3000; ++number) {
    statements.push_back({"select $1::int, repeat('x', 2000), '" + padding + "'", {std::to_string(number)}});
  }
  const auto results = connection.batch(statements);
  REQUIRE(results.size() == statements.size());
  CHECK(results.back().integer(0, 0) == 2999);
}

TEST_CASE("copy without a partner fails and leaves a usable connection", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  connection.exec("create table t (a int)");
  CHECK(error_of([&] { connection.exec("copy t from stdin"); }).is("0A000"));
  CHECK(error_of([&] { connection.exec("copy (select generate_series(1, 100000)) to stdout"); }).is("0A000"));
  CHECK(connection.query("select count(*) from t").integer(0, 0) == 0);
  pg::Connection batching = database.connect();
  const pg::PgError in_batch = error_of([&] { batching.batch({{"select 1"}, {"copy t from stdin"}}); });
  CHECK_FALSE(batching.is_alive());
  // What is wrong is the statement, not the server.
  CHECK(in_batch.is("0A000"));
  CHECK(in_batch.exit_code() == ExitCode::failed);
  CHECK_THAT(in_batch.advice(), Catch::Contains("mend the file"));
  CHECK(in_batch.fields().statement_index == 1);
}

TEST_CASE("a lost connection is recognised", "[pg]") {
  const Database database;
  pg::Connection ended = database.connect();
  const pg::PgError by_admin = error_of([&] { ended.exec("select pg_terminate_backend(pg_backend_pid())"); });
  CHECK(by_admin.is_connection_lost());
  CHECK_FALSE(ended.is_alive());

  test::Proxy proxy(database.url());
  pg::Connection cut = pg::Connection::open({.url = proxy.url()});
  proxy.cut();
  CHECK(error_of([&] { cut.exec("select 1"); }).is_connection_lost());
  CHECK(error_of([&] { cut.batch({{"select 1"}}); }).is_connection_lost());
  pg::Connection abandoned = pg::Connection::open({.url = proxy.url()});
  abandoned.abandon();
  CHECK_FALSE(abandoned.is_alive());
  CHECK(error_of([&] { abandoned.exec("select 1"); }).is_connection_lost());
}
