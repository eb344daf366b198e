#pragma once

#include <optional>
#include <vector>

#include "model/settings.h"
#include "pg/connection.h"
#include "run/plan.h"
#include "run/prediction.h"
#include "window/disk.h"

namespace dbtool::run {

/// Room on disk that a plan needs, and has.
struct DiskForecast {
  std::vector<window::StepRoom> rooms;  ///< one a step of the plan
  window::LogKeeping log;
  window::Peak peak;
  std::optional<double> free_bytes;  ///< nullopt: no query of the user's tells
};

/// Room for one step: as rehearsed, or as far as the sizes of tables tell. Pure.
window::StepRoom room_of(const Knowledge& knowledge, const Step& step);

/// Room for a plan; what is free is not in it. `connection` nullptr: no database is at hand. Reads only.
DiskForecast forecast_disk(const Knowledge& knowledge, const Plan& plan, pg::Connection* connection);

/// What `disk: {query: …}` of `throttle` says is free; nullopt: there is no such setting. The query runs read
/// only, for a few seconds at most. Throws Error (usage) when it fails or gives no number.
std::optional<double> read_free_disk(pg::Connection& connection, const Settings& settings);

}  // namespace dbtool::run
