#pragma once

#include <string>
#include <vector>

#include "model/project.h"
#include "pg/connection.h"
#include "run/plan.h"

namespace dbtool::run {

/// Refuses (exit code 6) a server that is read-only, or whose version or sort order is not as the settings
/// demand.
void check_server(pg::Connection& connection, const Settings& settings);

/// What was found before the first step.
struct Preflight {
  std::vector<std::string> problems;  ///< each of them would stop the run later
  std::vector<std::string> warnings;  ///< with the command that helps
};

/// Everything that can be known before the first step: service users, rights, owners, extensions, row
/// security, and what stands in the way of the locks that the plan will take. Reads only.
Preflight preflight(pg::Connection& connection, const Project& project, const Plan& plan);

/// Services of a release that needs more than `goal` and that are connected now, by user and application
/// name.
std::vector<std::string> connected_services_that_need_more(pg::Connection& connection, const Project& project,
                                                           int goal);

}  // namespace dbtool::run
