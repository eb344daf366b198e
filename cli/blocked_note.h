#pragma once

#include <functional>

#include "base/clock.h"
#include "base/event.h"
#include "pg/connection.h"

namespace dbtool::cli {

/// For Connection::on_wait of that connection: says who holds a lock that a statement has waited for these
/// last seconds, once a statement. Looks from a connection of its own, which is opened only then.
std::function<void()> blocked_note(const pg::Connection& connection, Clock& clock, const Observer& observer);

}  // namespace dbtool::cli
