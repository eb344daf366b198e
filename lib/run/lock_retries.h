#pragma once

#include <chrono>

#include "pg/error.h"
#include "run/execute.h"

namespace dbtool::run {

/// The one place that decides whether an attempt is made again: lock timeouts, deadlocks and serialisation
/// failures of attempts that were short, with growing pauses, so many times as the settings allow.
class LockRetries {
 public:
  LockRetries(Execution& execution, int version);

  /// The longest wait for a lock in the next attempt.
  std::chrono::milliseconds lock_timeout() const { return lock_timeout_; }
  /// Waits before the next attempt; false: there is to be none. Throws Error (stopped) when a stop is wished.
  bool pause_after(const pg::PgError& error, Clock::Monotonic::duration worked);

 private:
  void give_autovacuum_time();

  Execution& execution_;
  int version_;
  int attempt_ = 1;
  bool autovacuum_tried_ = false;
  std::chrono::milliseconds lock_timeout_;
};

}  // namespace dbtool::run
