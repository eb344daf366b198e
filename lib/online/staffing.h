#pragma once

#include "base/clock.h"

namespace dbtool::online {

/// Decides how many workers are worth it, where that is left to the program: tries one more for a while, and
/// keeps it if the rate grew by enough to be worth what the services feel of it.
class Staffing {
 public:
  explicit Staffing(int most) : most_(most) {}

  /// To be called every now and then with the rows handled so far. `limited`: something slows the work down
  /// on purpose, so that its rate tells nothing. Returns the number of workers.
  int observe(Clock::Monotonic now, double rows, bool limited);

 private:
  void begin_span(Clock::Monotonic now, double rows);

  int most_;
  int workers_ = 1;
  int kept_ = 1;          ///< the number that has proved itself
  double kept_rate_ = 0;  ///< and its rate
  bool settled_ = false;  ///< into the span at hand: its beginning, when batches are small, does not count
  bool began_ = false;
  Clock::Monotonic since_{}, next_trial_{};
  double rows_ = 0;
};

}  // namespace dbtool::online
