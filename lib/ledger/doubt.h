#pragma once

#include <functional>
#include <string>

#include "ledger/work.h"

namespace dbtool::ledger {

/// After the answer to a COMMIT was lost: puts a new connection in place of the run's, waits behind the
/// step's lock until the old backend is done (it is ended where it does not end), and asks the database what
/// was committed. `asked` runs in a transaction that holds the step's lock. Throws Error when the server does
/// not come back in time.
bool was_committed(Work& work, int version, const std::function<bool(pg::Connection&)>& asked);

}  // namespace dbtool::ledger
