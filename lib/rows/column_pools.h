#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "rows/type_pools.h"

namespace dbtool::rows {

/// Values for the columns of one table, shuffled.
struct TablePools {
  std::vector<Pool> columns;
  /// For each partition that holds rows: pools of those columns that decide whether a row belongs there.
  std::vector<std::map<std::size_t, Pool>> partitions;
};

/// Pools whose values fulfil the checks over their column alone, as the server judges, in one round trip for
/// all tables (and one for each type that needs it). A pool is empty where nothing was found.
std::vector<TablePools> make_pools(pg::Connection& connection, const std::vector<const Table*>& tables,
                                   TypePools& types);

}  // namespace dbtool::rows
