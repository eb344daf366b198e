#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "online/throttle/reaction.h"
#include "online/throttle/reading.h"

namespace dbtool::online {

/// The newest observation of the load and what may be done after it. One that does not come for ten seconds
/// counts as loaded: an observation has a limit of one second a statement, so the server or the network is
/// in trouble. Knows neither database nor thread; not for two threads at once.
class Outlook {
 public:
  /// Observations are to come from now on; what was learnt of other settings is forgotten.
  void begin(Clock::Monotonic now);
  void take(Observation observation, Clock::Monotonic now);
  /// What may be done now of what is wished.
  Limits limits(Clock::Monotonic now, const Wish& wish);
  /// What all signals said last.
  const std::vector<Reading>& readings() const { return readings_; }

 private:
  std::optional<Observation> fresh_;  ///< not yet reacted to
  std::vector<Reading> readings_;
  Clock::Monotonic observed_at_{};
  Reaction reaction_;
  Limits limits_;
  std::optional<Wish> wish_;  ///< what `limits_` answers
};

}  // namespace dbtool::online
