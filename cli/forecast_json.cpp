#include "cli/forecast_json.h"

#include <nlohmann/json.hpp>

namespace dbtool::cli {

nlohmann::ordered_json forecast_json(const window::Forecast& forecast) {
  if (forecast.trust == window::Trust::unknown)
    return {{"trust", window::to_text(forecast.trust)}, {"source", forecast.source}};
  return {{"trust", window::to_text(forecast.trust)},
          {"low_seconds", forecast.range.low},
          {"high_seconds", forecast.range.high},
          {"source", forecast.source}};
}

}  // namespace dbtool::cli
