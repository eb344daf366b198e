#include "pg/second_connection.h"
#include "test/support/catch.h"
#include "test/support/database.h"
#include "test/support/server.h"

using namespace dbtool;

TEST_CASE("a second connection is another backend of the same server", "[pg]") {
  const test::Database database;
  pg::Connection first = database.connect();
  std::optional<pg::Connection> second = pg::SecondConnection(first).take(first);
  REQUIRE(second);
  CHECK(second->backend_pid() != first.backend_pid());
  CHECK(second->database() == database.name());
  CHECK(second->user() == first.user());
}

TEST_CASE("where no connection is left there is no second one, and no error", "[pg]") {
  test::Database database;
  database.create_role("lonely", "login connection limit 1");
  pg::Connection first = database.connect(database.user_prefix() + "_lonely");
  CHECK_FALSE(pg::SecondConnection(first).take(first));
  CHECK(first.query("select 1").integer(0, 0) == 1);
}

TEST_CASE("a second connection that another server has answered is not taken", "[pg]") {
  const test::Database database;
  pg::Connection first = database.connect();
  test::OwnServer other;
  pg::Connection of_other = pg::Connection::open({.url = other->url("postgres")});
  CHECK_FALSE(pg::SecondConnection(first).take(of_other));
}
