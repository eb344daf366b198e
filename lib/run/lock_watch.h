#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "pg/connection.h"

namespace dbtool::run {

/// Looks from a second connection who stands in the way of the working one. The connection is opened only
/// when something has to be waited for.
class LockWatch {
 public:
  LockWatch(pg::Address address, Clock& clock) : address_(std::move(address)), clock_(clock) {}

  /// A statement of backend `pid` begins, which waits for a lock no longer than that (0: for ever); forgets
  /// who blocked before.
  void begin(int pid, std::chrono::milliseconds lock_timeout);
  /// To be called often while it runs; asks the server only now and then.
  void poll();
  /// Whether somebody blocked when last looked.
  bool is_blocked() const { return is_blocked_; }
  /// Who blocked when last looked and somebody did.
  const std::vector<Blocker>& blockers() const { return blockers_; }

 private:
  pg::Address address_;
  Clock& clock_;
  std::optional<pg::Connection> connection_;
  int pid_ = 0;
  Clock::Monotonic began_{};
  Clock::Monotonic next_{};
  Clock::Monotonic::duration interval_{};  ///< between looks when the attempt is no longer young
  bool broken_ = false;
  bool is_blocked_ = false;
  std::vector<Blocker> blockers_;
};

/// "pid 4711 (user ci_queue, application queue, idle in transaction for 12 s): select …"
std::string describe(const Blocker& blocker);
/// All of them, or "not seen".
std::string describe(const std::vector<Blocker>& blockers);

}  // namespace dbtool::run
