#pragma once

#include <map>
#include <string>
#include <vector>

#include "status/status.h"

namespace dbtool::status {

/// Seconds that the last successful upgrade of each version took in this database.
std::map<int, double> read_upgrade_seconds(pg::Connection& connection);

/// The versions from..newest, with what can be said of their cost.
std::vector<Pending> list_pending(const Project& project, int from,
                                  const std::map<std::string, std::int64_t>& table_rows,
                                  const std::map<int, double>& upgrade_seconds);

}  // namespace dbtool::status
