#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "online/throttle/reading.h"

namespace dbtool::online {

/// What a measure of the services' latency came to over an interval; times are in seconds.
struct LatencyInterval {
  std::string measure;  ///< the throttle's key: "probe", "latency"
  double seconds = 0;   ///< that the interval lasted
  int looks = 0;        ///< that gave a time
  int failed = 0;       ///< that gave none
  std::optional<double> median, worst;
  double limit = 0;
};

/// Gathers from the throttle's readings how long the services wait. Not for two threads at once.
class LatencyMeter {
 public:
  explicit LatencyMeter(Clock::Monotonic now) : since_(now) {}

  void add(const std::vector<Reading>& readings);
  /// Of what was measured since the last time; empty where nothing measures it.
  std::vector<LatencyInterval> take(Clock::Monotonic now);

 private:
  struct Looks {
    std::string measure;
    std::vector<double> times;
    int failed = 0;
    double limit = 0;
  };
  Clock::Monotonic since_;
  std::vector<Looks> all_;
};

}  // namespace dbtool::online
