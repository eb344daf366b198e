#pragma once

#include <cstddef>
#include <vector>

#include "rows/tables.h"
#include "rows/type_pools.h"

namespace dbtool::rows {

/// Tables that must be filled together since each needs a row of the other (or one table, in most cases), by
/// their places in the list.
using Group = std::vector<std::size_t>;

/// Whether every row must refer to one of the target's.
bool is_demanding(const Table& table, const ForeignKey& key, const TypePools& types);

/// The groups in an order in which all that a row must refer to is there before it, and what it may refer to
/// as far as that goes.
std::vector<Group> fill_order(const std::vector<const Table*>& tables, const TypePools& types);

}  // namespace dbtool::rows
