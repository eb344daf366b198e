#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "ledger/ledger.h"
#include "pg/connection.h"

namespace dbtool::ledger {

/// First key of every advisory lock of dbtool; the second is 0 for the run lock, the version of a step, or
/// `run_key` for whatever a run does, in its steps and beside them.
inline constexpr int lock_class = 0x64627431;
inline constexpr int run_key = 0x7fffffff;

/// The right to change one database: an advisory lock in an otherwise empty transaction on a connection of
/// its own, so that it holds neither a snapshot nor a transaction id for as long as a run takes, and dies
/// with its process. A thread shows the server every few seconds that the process lives: the server ends the
/// session of one that it no longer hears of (a cut network tells it nothing), so that nobody has to be asked
/// to clear a lock.
class RunLock {
 public:
  /// Throws Error (busy) that says who holds it. A holder that is silent is waited for until the server ends
  /// it, or until a stop is wished: Error (stopped).
  static RunLock acquire(const pg::Address& address, Clock& clock, const Observer& observer,
                         const Interrupts& interrupts);
  RunLock(RunLock&&) noexcept;
  RunLock& operator=(RunLock&&) noexcept;
  ~RunLock();

  /// Hands it from a run that is over to the next one of this process on the same database: who is told when
  /// it is lost, and whose stops are heeded, until that one ends.
  void hand_to(Observer observer, const Interrupts& interrupts);

  /// Asks the server whether the lock is still held. One that was lost (the server restarted, the process was
  /// stopped for long) is taken again, if nobody else has it: the fence keeps a run that was overtaken from
  /// working on. Throws Error (failed) when it cannot be had.
  void confirm();
  /// Whether the thread has found it lost; costs nothing.
  bool is_lost() const;
  int backend_pid() const;

 private:
  class Holder;
  RunLock(pg::Address address, Clock& clock, Observer observer, const Interrupts& interrupts,
          std::unique_ptr<Holder> holder);

  pg::Address address_;
  Clock* clock_;
  Observer observer_;
  const Interrupts* interrupts_;
  std::unique_ptr<Holder> holder_;
};

/// A backend that still works for a dbtool that is gone.
struct Orphan {
  int pid = 0;
  int version = 0;  ///< 0: beside the steps, as an `analyze` does
  std::string query;
};

/// Backends that hold a lock of a step or of a run's other work; to be asked while holding the run lock.
std::vector<Orphan> find_orphans(pg::Connection& connection);

/// Waits `by_itself` for orphans to end by themselves, ends those that do not, and sees them gone. Throws
/// Error when one stays, or when a stop is wished.
void end_orphans(pg::Connection& connection, Clock& clock, const Observer& observer,
                 const Interrupts& interrupts, std::chrono::seconds by_itself = std::chrono::seconds(5));

}  // namespace dbtool::ledger
