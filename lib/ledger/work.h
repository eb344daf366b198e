#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "ledger/session.h"
#include "pg/connection.h"

namespace dbtool::ledger {

/// What every piece of a run's work needs: the connection, and in whose name it works.
struct Work {
  pg::Connection& connection;
  Session session;
  std::int64_t run = 0;
  Clock& clock;
  Observer observer;
  Interrupts& interrupts;
};

/// When the backend of `a`, a row of pg_stat_activity, began: a session is known by it though another may get
/// the same pid.
inline constexpr std::string_view backend_start = "extract(epoch from a.backend_start)::text";

/// The expression by which a session learns when its own backend began, for Connection::set_backend_start().
/// The role must be the session's own: one that is set by default may not see it.
std::string own_backend_start();

/// Makes a connection fit for a run: no time limits that a role or database has set, and what scripts raise
/// is shown as their phases, as are other warnings; the server's own notices stay unsaid. Learns when its
/// backend began, by which was_committed() recognises it.
void prepare(pg::Connection& connection, const Observer& observer);

}  // namespace dbtool::ledger
