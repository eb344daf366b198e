#pragma once

#include <chrono>
#include <functional>

#include "base/clock.h"
#include "pg/connection.h"

namespace dbtool::ledger {

/// How long a server that is gone is waited for: a restart, or the failover to a replica.
inline constexpr std::chrono::seconds server_patience{30};

/// A server that only follows another one: what is committed there last is not here yet. It may be promoted
/// soon, so await_server tries again.
pg::PgError standby_error();

/// `open` until it succeeds: while a server cannot be reached, or is a standby, it is tried again, for
/// server_patience at most; then throws what the last try threw. `between` is called between the tries, and
/// ends them by throwing.
pg::Connection await_server(
    Clock& clock, const std::function<pg::Connection()>& open, const std::function<void()>& between = [] {});

/// A connection to a server that may be written to. Throws standby_error.
pg::Connection open_primary(const pg::Address& address);

}  // namespace dbtool::ledger
