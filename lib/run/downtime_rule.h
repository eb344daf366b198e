#pragma once

#include <optional>
#include <string>

#include "model/window_settings.h"
#include "run/plan.h"
#include "run/prediction.h"

namespace dbtool::run {

/// What the team's own rule says of the way to run the step of an upgrade: a short downtime in a lull, or its
/// rows moved online; empty where it says nothing, or nothing is known of the step. `left`: seconds until the
/// database must be done; nullopt: there is no window. Pure.
std::string downtime_advice(const Knowledge& knowledge, const WindowSettings& settings, const Step& step,
                            std::optional<double> left);

}  // namespace dbtool::run
