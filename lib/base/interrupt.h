#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "base/event.h"

namespace dbtool {

/// How often the user has asked to stop so far (Ctrl-C, SIGTERM); passed in, so that tests can ask too.
using InterruptCount = std::function<int()>;

/// Decides what a wish to stop means at the moment.
class Interrupts {
 public:
  Interrupts(InterruptCount count, Clock& clock) : count_(std::move(count)), clock_(clock) {}

  /// Somebody wants to stop: do so at the next safe point.
  bool requested() const { return count_() > 0; }
  /// Throws Error (stopped) when a stop is wished; to be called at safe points.
  void stop_if_requested() const;
  /// Throws Error (stopped) when a script that has worked since `began` is to be cancelled: a young one at
  /// the first wish, one older than a minute only when the wish is repeated within five seconds.
  void cancel_if_requested(Clock::Monotonic began, const Observer& observer);

 private:
  InterruptCount count_;
  Clock& clock_;
  int heeded_ = 0;  ///< wishes that were answered
  std::optional<Clock::Monotonic> first_wish_;
};

}  // namespace dbtool
