#pragma once

#include <string>
#include <vector>

#include "model/settings.h"
#include "pg/connection.h"
#include "run/plan.h"

namespace dbtool::run {

/// What the downgrades of a plan lose for good, a line each: what the versions say of themselves (`loses:`),
/// and the tables and columns with rows in them that a script drops without having read from them. Reads
/// only.
std::vector<std::string> losses_of(pg::Connection& connection, const Plan& plan, const Settings& settings);

}  // namespace dbtool::run
