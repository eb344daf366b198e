#pragma once

#include <optional>

#include "base/clock.h"
#include "model/window_settings.h"
#include "run/preflight.h"

namespace dbtool::run {

/// From now until services are to be up again, by the server's clock.
struct WindowSpan {
  Clock::Wall now, closes;
  std::optional<Clock::Wall> opened{};  ///< nullopt: now
};

/// What freezes and hours say of a window: one that is frozen, or begins outside of the hours, is a problem,
/// one that goes beyond the hours a warning. Asks no database. A zone that does not exist is a problem, too.
Preflight window_rules(const WindowSettings& settings, const WindowSpan& span);

}  // namespace dbtool::run
