#pragma once

#include <vector>

#include "catalog/columns.h"
#include "check/judged.h"

namespace dbtool::check {

/// Differences between the declared tables and columns, as catalog::declared_tables makes them, and the live
/// ones.
std::vector<Judged> check_tables(const catalog::Schema& expected, const catalog::Schema& live);

}  // namespace dbtool::check
