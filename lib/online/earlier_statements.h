#pragma once

#include <chrono>
#include <functional>

#include "ledger/session.h"
#include "ledger/work.h"

namespace dbtool::online {

/// Waits until the statements that others have under way now are over, but not longer than `longest`: a
/// service may be in the midst of a call of a function as it was before this version, which knows nothing of
/// the new form, and writes a row right behind the batch that has copied it. Tells who is waited for, and
/// who was still at it in the end. Reads alone cannot be told from writes. Of sessions of other users this
/// user may not see, without pg_monitor, whether they are idle in their transaction: these are waited for two
/// seconds.
void await_earlier_statements(ledger::Work& work, const ledger::Fence& fence,
                              const std::function<void()>& confirm_lock, std::chrono::seconds longest);

}  // namespace dbtool::online
