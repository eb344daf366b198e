#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace dbtool::online {

/// How fast counters of a server grow, over a sliding window of time. When one of them falls (it was reset,
/// or another server answers) the window begins anew.
class Rate {
 public:
  explicit Rate(std::chrono::milliseconds window) : window_(window) {}

  void add(Clock::Monotonic now, double counter, double second = 0);
  void forget() { samples_.clear(); }

  /// Growth of each counter over the window; 0 before there are two samples.
  double growth() const;
  double second_growth() const;
  /// Growth of the first counter a second; nullopt before there are two samples.
  std::optional<double> per_second() const;

 private:
  struct Sample {
    Clock::Monotonic at{};
    double counter = 0;
    double second = 0;
  };
  std::chrono::milliseconds window_;
  std::deque<Sample> samples_;
};

/// Seconds until WAL forces a checkpoint: `since` bytes were written since the last one is known to have
/// begun, one begins each `distance` bytes. nullopt: never at this rate.
std::optional<double> seconds_to_checkpoint(double since, double distance, double bytes_per_second);

}  // namespace dbtool::online
