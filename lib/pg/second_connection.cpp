#include "pg/second_connection.h"

#include <chrono>

namespace dbtool::pg {

namespace {

/// What no two servers have in common.
std::string server_of(Connection& connection) {
  return std::string(connection
                         .query("select extract(epoch from pg_postmaster_start_time())::text || ' ' || "
                                "coalesce(inet_server_addr()::text, '') || ' ' || current_setting('port')")
                         .text(0, 0));
}

/// Another connection, with what its server is called; nothing where it takes too long: a pooler lets those
/// wait for whom it has no connection left.
std::optional<std::pair<Connection, std::string>> open_soon(const Address& address) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  const auto give_up = [until] {
    if (std::chrono::steady_clock::now() > until) throw Error(ExitCode::unreachable, "it takes too long");
  };
  try {
    Connection connection = Connection::open(address, give_up);
    connection.on_wait(give_up);
    std::string server = server_of(connection);
    connection.on_wait({});
    return std::pair(std::move(connection), std::move(server));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

SecondConnection::SecondConnection(const Connection& first)
    : opening_(std::async(std::launch::async, [address = first.address()] { return open_soon(address); })) {}

std::optional<Connection> SecondConnection::take(Connection& first) {
  std::optional<std::pair<Connection, std::string>> second = opening_.get();
  if (!second || second->second != server_of(first)) return std::nullopt;
  return std::move(second->first);
}

}  // namespace dbtool::pg
