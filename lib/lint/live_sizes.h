#pragma once

#include <vector>

#include "model/project.h"
#include "pg/connection.h"

namespace dbtool::lint {

/// Rows (as the planner knows them) and bytes, indexes and large values included, of every table of a live
/// database, by the names that `schema/sizes.yml` would use.
std::vector<TableSize> read_live_sizes(pg::Connection& connection);

}  // namespace dbtool::lint
