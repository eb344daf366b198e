#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "status/status.h"

namespace dbtool::status {

/// Rows that each table of schema public holds, as the planner and the statistics know it; takes no lock.
std::map<std::string, std::int64_t> read_table_rows(pg::Connection& connection);

/// Rows of the largest table whose name stands in the script as a word; nullopt when it names none that is
/// known.
std::optional<std::int64_t> rows_named(std::string_view script,
                                       const std::map<std::string, std::int64_t>& table_rows);

/// Seconds that the last successful upgrade of each version took in this database.
std::map<int, double> read_upgrade_seconds(pg::Connection& connection);

/// The versions from..newest, with what can be said of their cost.
std::vector<Pending> list_pending(const Project& project, int from,
                                  const std::map<std::string, std::int64_t>& table_rows,
                                  const std::map<int, double>& upgrade_seconds);

}  // namespace dbtool::status
