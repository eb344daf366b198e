#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace dbtool::online {

/// Counts rows, and tells how fast they come: since the run began, and of late. Not for two threads at once.
class Meter {
 public:
  /// `done`: rows that earlier runs have handled; `total`: an estimate of all, if there is one.
  Meter(std::int64_t done, std::optional<std::int64_t> total, Clock::Monotonic now)
      : done_(done), total_(total), began_(now) {}

  void add(std::int64_t rows, Clock::Monotonic now);

  std::int64_t done() const { return done_; }
  std::int64_t of_this_run() const { return run_; }
  /// nullopt also when more has come than was estimated: the estimate then says nothing more.
  std::optional<std::int64_t> total() const;
  double rate(Clock::Monotonic now) const;         ///< rows a second since the run began
  double recent_rate(Clock::Monotonic now) const;  ///< of the last half minute

 private:
  struct Point {
    Clock::Monotonic time;
    std::int64_t rows = 0;
  };

  std::int64_t done_;
  std::optional<std::int64_t> total_;
  Clock::Monotonic began_;
  std::int64_t run_ = 0;
  std::deque<Point> points_;  ///< rows of this run by then; seconds apart
};

}  // namespace dbtool::online
