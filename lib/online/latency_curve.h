#pragma once

#include <chrono>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "ledger/session.h"
#include "online/latency_meter.h"
#include "pg/connection.h"

namespace dbtool::online {

/// How the services fared over an online migration, as the ledger keeps it: a point for each interval, some
/// hundreds in all, since the intervals become longer.
class LatencyCurve {
 public:
  LatencyCurve(const ledger::Fence& fence, Direction direction, Clock::Monotonic now);

  /// Whether the interval at hand is over.
  bool is_due(Clock::Monotonic now) const { return now >= due_; }
  /// What writes these intervals, which end now, one for each measure; empty for none.
  std::vector<pg::Statement> statements(const std::vector<LatencyInterval>& intervals, Clock::Monotonic now);

 private:
  ledger::Fence fence_;
  Direction direction_;
  int points_ = 0;
  std::chrono::seconds length_;
  Clock::Monotonic due_;
};

}  // namespace dbtool::online
