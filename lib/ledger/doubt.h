#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "ledger/work.h"

namespace dbtool::ledger {

/// How long a backend whose connection was lost may take to end by itself before it is ended. One that is
/// idle is ended at once: it would never do so.
inline constexpr std::chrono::seconds end_by_itself{5};

/// After the answer to a COMMIT was lost: puts a new connection in place of the run's, waits until
/// the old backend is gone (it is ended where it does not go), and asks the database what was committed.
/// Throws Error when the server does not come back in time, or the backend does not end. `between` is called
/// between the looks for either, and ends them by throwing, for work that the next run can ask about as well.
bool was_committed(
    Work& work, const std::function<bool(pg::Connection&)>& asked,
    const std::function<void()>& between = [] {}, std::chrono::seconds by_itself = end_by_itself);

/// After a connection was lost with nothing in doubt: puts a new one in place of the run's, when the old
/// backend is gone. Throws as was_committed() does.
void reopen(Work& work, std::chrono::seconds by_itself = end_by_itself);

}  // namespace dbtool::ledger
