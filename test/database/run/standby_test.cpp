#include "test/support/standby.h"
#include "ledger/await_server.h"
#include "ledger/run_lock.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

TEST_CASE("A standby is not taken for the server that it follows", "[run]") {
  OwnServer primary;
  Standby replica(primary, "r1");
  const pg::Address address{.url = replica->url()};
  SECTION("for the run lock, which it would give to anybody") {
    SystemClock clock;
    const Interrupts interrupts([] { return 0; }, clock);
    CHECK_THROWS_WITH(ledger::RunLock::acquire(
                          address, clock, [](const Event&) {}, interrupts),
                      Catch::Contains("is a standby"));
  }
  SECTION("for what was committed: it is waited for until it is promoted") {
    SystemClock clock;
    int tries = 0;
    pg::Connection connection = ledger::await_server(
        clock, [&] { return ledger::open_primary(address); },
        [&] {
          if (++tries == 1) pg::Connection::open(address).exec("select pg_promote()");
        });
    CHECK(tries >= 1);
    CHECK_FALSE(connection.query("select pg_is_in_recovery()").boolean(0, 0));
  }
}
