#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/rehearsal.h"
#include "model/settings.h"
#include "pg/connection.h"

namespace dbtool::rehearse {

/// Analyzes the tables that the steps have filled or changed, once more, when their run has done so already:
/// steps meet the statistics that they meet in production. Gives the seconds of each; one that cannot be
/// analyzed is left out. No transaction may be open.
std::map<std::string, double> time_analyze(pg::Connection& connection, const Settings& settings,
                                           const std::vector<StepCost>& steps, Clock& clock);

}  // namespace dbtool::rehearse
