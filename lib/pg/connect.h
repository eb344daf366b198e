#pragma once

#include <functional>
#include <memory>

#include <libpq-fe.h>

#include "pg/connection.h"

namespace dbtool::pg {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, CloseConnection>;

/// Opens a connection through libpq, or throws PgError with exit code 6. For Connection alone.
ConnectionHandle connect(const Address& address, const std::function<void()>& on_wait);

}  // namespace dbtool::pg
