#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "ledger/ledger.h"
#include "pg/connection.h"

namespace dbtool::ledger {

/// First key of every advisory lock of dbtool; the second is 0 for the run lock, or the version of a step.
inline constexpr int lock_class = 0x64627431;

/// The right to change one database: an advisory lock in an otherwise empty transaction on a connection of its own,
/// so that it holds neither a snapshot nor a transaction id for as long as a run takes, and dies with its process.
class RunLock {
 public:
  /// Throws Error (busy) that says who holds it.
  static RunLock acquire(const pg::Address& address);

  /// Asks the server whether the lock is still held; throws Error (failed) when it was lost.
  void confirm();
  int backend_pid() const { return connection_.backend_pid(); }

 private:
  explicit RunLock(pg::Connection connection) : connection_(std::move(connection)) {}

  pg::Connection connection_;
};

/// A backend that still works for a dbtool that is gone.
struct Orphan {
  int pid = 0;
  int version = 0;
  std::string query;
};

/// Backends that hold a step's lock; to be asked while holding the run lock.
std::vector<Orphan> find_orphans(pg::Connection& connection);

/// Waits for orphans to end by themselves, ends those that do not, and sees them gone. Throws Error when one stays.
void end_orphans(pg::Connection& connection, Clock& clock, const Observer& observer);

}  // namespace dbtool::ledger
