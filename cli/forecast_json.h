#pragma once

#include <nlohmann/json_fwd.hpp>

#include "window/forecast.h"

namespace dbtool::cli {

nlohmann::ordered_json forecast_json(const window::Forecast& forecast);

}  // namespace dbtool::cli
