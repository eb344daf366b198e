#pragma once

#include <cstdint>

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

/// Shows what scripts raise as their phases, and other warnings; the server's own notices stay unsaid.
void observe_notices(pg::Connection& connection, const Observer& observer);

}  // namespace dbtool::ledger
