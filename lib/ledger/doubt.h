#pragma once

#include <functional>
#include <string>

#include "ledger/work.h"

namespace dbtool::ledger {

/// After the answer to a COMMIT was lost: puts a new connection in place of the run's, waits until
/// the old backend is gone (it is ended where it does not go), and asks the database what was committed.
/// Throws Error when the server does not come back in time. `between` is called between the tries to reach
/// it, and ends them by throwing, for work that the next run can ask about as well.
bool was_committed(
    Work& work, const std::function<bool(pg::Connection&)>& asked,
    const std::function<void()>& between = [] {});

/// After a connection was lost with nothing in doubt: puts a new one in place of the run's, when the old
/// backend is gone. Throws Error when the server does not come back in time.
void reopen(Work& work);

}  // namespace dbtool::ledger
