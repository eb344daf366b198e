#include "window/log_keeping.h"

#include "test/support/catch.h"
#include "test/support/database.h"
#include "test/support/server.h"

namespace dbtool {

namespace {

pg::Connection connect_to(const std::string& url) {
  pg::Address address;
  address.url = url;
  return pg::Connection::open(address);
}

}  // namespace

TEST_CASE("What holds the server's log is read from slots and the archiver", "[window][disk]") {
  test::OwnServer server(
      {.settings = {"wal_level=logical", "max_wal_size=96MB", "wal_keep_size=0", "max_slot_wal_keep_size=1GB",
                    "archive_mode=on", "archive_command='false'", "max_replication_slots=4"}});
  pg::Connection connection = connect_to(server->url());
  const window::LogKeeping at_first = window::read_log_keeping(connection);
  CHECK(at_first.keeps == std::int64_t{96} << 20);
  CHECK(at_first.slot_limit == std::int64_t{1} << 30);
  CHECK(at_first.present.value_or(0) > 0);
  CHECK_FALSE(at_first.slots_hold);

  connection.exec("select pg_create_physical_replication_slot('forgotten', true)");
  const window::LogKeeping held = window::read_log_keeping(connection);
  CHECK(held.slots_hold);
  CHECK_FALSE(held.decodes);
  REQUIRE_FALSE(held.reasons.empty());
  CHECK(held.reasons.back().find("slot forgotten") != std::string::npos);
  // One that has never been used holds nothing.
  connection.exec("select pg_drop_replication_slot('forgotten')");
  connection.exec("select pg_create_physical_replication_slot('unused')");
  CHECK_FALSE(window::read_log_keeping(connection).slots_hold);

  connection.exec("create table t (n integer); select pg_switch_wal()");
  while (!window::read_log_keeping(connection).archive_holds) connection.exec("select pg_sleep(0.1)");
  CHECK(window::read_log_keeping(connection).reasons.front().find("archiving fails") != std::string::npos);
}

TEST_CASE("What is in pg_wal stays unknown to who may not see it", "[window][disk]") {
  const test::Database database;
  pg::Connection connection = database.connect(database.owner());
  const window::LogKeeping log = window::read_log_keeping(connection);
  CHECK_FALSE(log.present);
  CHECK(log.keeps > 0);
}

}  // namespace dbtool
