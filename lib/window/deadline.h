#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"

namespace dbtool::window {

/// When the trees must be open again. Counted on the monotonic clock: a wall clock that jumps changes
/// nothing.
struct Deadline {
  Clock::Monotonic opened;
  Clock::Monotonic closes;
  std::chrono::milliseconds reserve{};  ///< to bring everything up again, at its end

  /// By when the database must be done.
  Clock::Monotonic database_by() const { return closes - reserve; }
};

/// The next moment after `now` at which a clock in `zone` shows `text`: "08:00", "2026-11-23 08:00",
/// "08:00Z", "08:00+02:00", "2026-11-23T08:00 Europe/Berlin". An empty zone in `text` means the machine's
/// own. Where clocks are put forward over the time, the first moment after it; where they show it twice, the
/// earlier one. Throws Error(usage).
Clock::Wall parse_until(const std::string& text, Clock::Wall now);

/// "08:00 UTC (09:00 CET here), in 8 h 20": for people.
std::string describe(Clock::Wall moment, Clock::Wall now);

}  // namespace dbtool::window
