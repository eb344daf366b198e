#pragma once

#include <string>

#include "run/prediction.h"
#include "window/forecast.h"

namespace dbtool::cli {

/// "2 h 40 min".
std::string seconds_text(double seconds);

/// "2 h 40 – 3 h 50", "under 1 s".
std::string range_text(const window::Range& range);

/// The range and where it comes from: "2 h 40 – 3 h 50: rehearsed on 2026-11-20 …"; "unknown: never
/// rehearsed; …".
std::string forecast_text(const window::Forecast& forecast);

/// "in all 2 h 40 – 3 h 50; nothing is known of 21, 22; and 26 h – 31 h online, without a window".
std::string total_text(const run::Total& total, const std::optional<run::Total>& online);

}  // namespace dbtool::cli
