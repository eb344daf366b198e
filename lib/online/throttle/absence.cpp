#include "online/throttle/absence.h"

#include <utility>

#include <fmt/format.h>

#include "base/duration.h"

namespace dbtool::online {

void Absence::follow(std::string_view timeline) {
  if (timeline == timeline_) return;
  timeline_ = timeline;
  seen_.clear();
}

void Absence::see(const std::string& replica, Clock::Monotonic now) {
  seen_[replica] = {now, false};
}

void Absence::judge(Clock::Monotonic now, Answer& answer) {
  for (auto at = seen_.begin(); at != seen_.end();) {
    const auto& name = at->first;
    Seen& seen = at->second;
    const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(now - seen.last);
    if (gone >= patience_) {
      answer.warnings.push_back(fmt::format(
          "replica {} has been gone for {}: it no longer slows the migration", name, dbtool::to_text(gone)));
      at = seen_.erase(at);
      continue;
    }
    if (seen.last != now) {
      if (!std::exchange(seen.warned, true)) {
        answer.warnings.push_back(
            fmt::format("replica {} is gone; it counts as loaded until it is back, at most {}", name,
                        dbtool::to_text(patience_)));
      }
      answer.readings.push_back(
          {signal_, 1, fmt::format("replica {} gone for {}", name, dbtool::to_text(gone)), false, true});
    }
    ++at;
  }
}

}  // namespace dbtool::online
