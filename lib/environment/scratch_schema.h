#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/event.h"
#include "environment/benchmark.h"
#include "pg/connection.h"

namespace dbtool::environment {

/// A connection of its own with the benchmark's schema in it, which is gone when this is.
class ScratchSchema {
 public:
  /// Removes what a killed benchmark has left. `on_wait` as for pg::Connection: if it throws, what is under
  /// way is cancelled. Throws Error (busy) when another benchmark is at work in the database.
  ScratchSchema(const pg::Address& address, const BenchmarkOptions& options, Clock& clock,
                const Observer& observer, const std::function<void()>& on_wait);
  ScratchSchema(const ScratchSchema&) = delete;
  ScratchSchema& operator=(const ScratchSchema&) = delete;
  /// Drops it; where that fails, a warning says what is left.
  ~ScratchSchema();

  pg::Connection& connection() { return connection_; }

 private:
  void drop();

  BenchmarkOptions options_;
  Clock& clock_;
  Observer observer_;
  pg::Connection connection_;
};

}  // namespace dbtool::environment
