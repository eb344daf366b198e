#include "pg/second_connection.h"

namespace dbtool::pg {

namespace {

/// What no two servers have in common.
std::string server_of(Connection& connection) {
  return std::string(connection
                         .query("select extract(epoch from pg_postmaster_start_time())::text || ' ' || "
                                "coalesce(inet_server_addr()::text, '') || ' ' || current_setting('port')")
                         .text(0, 0));
}

}  // namespace

SecondConnection::SecondConnection(const Connection& first)
    : opening_(std::async(std::launch::async, [address = first.address()]() -> std::optional<Connection> {
        try {
          return Connection::open(address);
        } catch (const Error&) {
          return std::nullopt;
        }
      })) {}

std::optional<Connection> SecondConnection::take(Connection& first) {
  std::optional<Connection> second = opening_.get();
  if (second && server_of(*second) != server_of(first)) second.reset();
  return second;
}

}  // namespace dbtool::pg
