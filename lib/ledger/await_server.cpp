#include "ledger/await_server.h"

namespace dbtool::ledger {

namespace {

using namespace std::chrono_literals;

constexpr auto between_attempts = 500ms;

}  // namespace

pg::PgError standby_error() {
  pg::ErrorFields fields;
  fields.severity = "FATAL";
  fields.sqlstate = "25006";
  fields.message = "the server is a standby, which nothing can be written to";
  return {ExitCode::unreachable, std::move(fields),
          "name the primary, or add target_session_attrs=read-write to a URL of several hosts"};
}

pg::Connection open_primary(const pg::Address& address) {
  pg::Connection connection = pg::Connection::open(address);
  if (connection.query("select pg_is_in_recovery()").boolean(0, 0)) throw standby_error();
  return connection;
}

pg::Connection await_server(Clock& clock, const std::function<pg::Connection()>& open,
                            const std::function<void()>& between) {
  const auto deadline = clock.now() + server_patience;
  for (;;) {
    try {
      return open();
    } catch (const pg::PgError& error) {
      const bool may_come_back = error.is_connection_lost() || error.exit_code() == ExitCode::unreachable;
      if (!may_come_back || clock.now() > deadline) throw;
      between();
      clock.sleep(between_attempts);
    }
  }
}

}  // namespace dbtool::ledger
