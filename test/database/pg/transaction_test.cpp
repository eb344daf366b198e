#include "pg/transaction.h"

#include <atomic>

#include "test/support/catch.h"
#include "test/support/database.h"
#include "test/support/proxy.h"

using namespace dbtool;
using test::Database;
using test::Proxy;

TEST_CASE("a transaction commits when told to, and else rolls back", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  connection.exec("create table t (a int)");
  {
    pg::Transaction transaction(connection);
    connection.exec("insert into t values (1)");
    transaction.commit();
  }
  CHECK_FALSE(connection.in_transaction());
  {
    pg::Transaction transaction(connection);
    connection.exec("insert into t values (2)");
  }
  CHECK_FALSE(connection.in_transaction());
  CHECK(connection.query("select sum(a) from t").integer(0, 0) == 1);
}

TEST_CASE("mode and setup hold within the transaction", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  {
    pg::Transaction transaction(
        connection, "isolation level repeatable read read only",
        {{"set local lock_timeout = '3s'"}, {"select set_config($1, '5s', true)", {{"statement_timeout"}}}});
    CHECK(connection.query("show transaction_isolation").text(0, 0) == "repeatable read");
    CHECK(connection.query("show lock_timeout").text(0, 0) == "3s");
    CHECK(connection.query("show statement_timeout").text(0, 0) == "5s");
  }
  CHECK_THROWS_AS(pg::Transaction(connection, "", {{"nonsense"}}), pg::PgError);
  CHECK_FALSE(connection.in_transaction());
}

TEST_CASE("a transaction begins though the server dropped what it was to keep", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  const std::vector<pg::Statement> setup{{"select set_config('lock_timeout', $1, true)", {{"3s"}}, true}};
  pg::Transaction(connection, "isolation level read committed", setup).commit();
  connection.exec("deallocate all");
  pg::Transaction transaction(connection, "isolation level read committed", setup);
  CHECK(connection.query("show lock_timeout").text(0, 0) == "3s");
}

TEST_CASE("a transaction is not begun when the answer to its setup is refused", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  pg::Statement judged{"select 1"};
  judged.judge = [](const pg::Result&) { throw std::runtime_error("refused"); };
  CHECK_THROWS_WITH(pg::Transaction(connection, "isolation level read committed", {judged}), "refused");
  CHECK_FALSE(connection.in_transaction());
}

TEST_CASE("committing a failed transaction is an error", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  pg::Transaction transaction(connection);
  CHECK_THROWS_AS(connection.exec("nonsense"), pg::PgError);
  CHECK(connection.in_transaction());
  CHECK_THROWS_AS(transaction.commit(), Error);
  CHECK_FALSE(connection.in_transaction());
}

TEST_CASE("a deferred constraint fails the commit and leaves no doubt", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  connection.exec("create table t (a int unique deferrable initially deferred)");
  pg::Transaction transaction(connection);
  connection.exec("insert into t values (1), (1)");
  try {
    transaction.commit();
    FAIL("committed");
  } catch (const pg::CommitInDoubt&) {
    FAIL("in doubt");
  } catch (const pg::PgError& error) {
    CHECK(error.is("23505"));
  }
}

TEST_CASE("a commit whose answer is lost is in doubt", "[pg]") {
  const Database database;
  database.exec("create table t (a int)");
  Proxy proxy(database.url());
  const auto [fate, rows] =
      GENERATE(table<Proxy::Fate, int>({{Proxy::Fate::lose_answer, 1}, {Proxy::Fate::drop, 0}}));
  proxy.on_request([fate = fate](std::string_view bytes) {
    return test::holds_statement(bytes, "commit") ? fate : Proxy::Fate::pass;
  });
  pg::Connection connection = pg::Connection::open({.url = proxy.url()});
  {
    pg::Transaction transaction(connection);
    connection.exec("insert into t values (1)");
    CHECK_THROWS_AS(transaction.commit(), pg::CommitInDoubt);
  }
  CHECK_FALSE(connection.is_alive());
  // For a moment the backend of the cut connection may still be there; its end is waited for by its lock.
  CHECK(database.exec("lock table t; select count(*) from t").integer(0, 0) == rows);
}

TEST_CASE("a connection that is lost before the commit is not in doubt", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  pg::Transaction transaction(connection);
  connection.abandon();
  try {
    transaction.commit();
    FAIL("committed");
  } catch (const pg::CommitInDoubt&) {
    FAIL("in doubt");
  } catch (const pg::PgError& error) {
    CHECK(error.is_connection_lost());
  }
}

TEST_CASE("an interrupt that comes during the commit does not hide that it succeeded", "[pg]") {
  const Database database;
  pg::Connection connection = database.connect();
  // The commit is held until on_wait has thrown: a deferred trigger waits for a lock that on_wait gives free.
  pg::Connection other = database.connect();
  connection.exec(R"(
    create table t (a int);
    create function hold() returns trigger language plpgsql as $$
    begin
      begin
        perform pg_advisory_lock(1);
      exception when query_canceled then
        null;
      end;
      return null;
    end $$;
    create constraint trigger hold after insert on t deferrable initially deferred
      for each row execute function hold())");
  other.exec("select pg_advisory_lock(1)");
  pg::Transaction transaction(connection);
  connection.exec("insert into t values (1)");
  connection.on_wait([] { throw std::runtime_error("enough"); });
  CHECK_NOTHROW(transaction.commit());
  connection.on_wait({});
  CHECK(connection.query("select count(*) from t").integer(0, 0) == 1);
}
