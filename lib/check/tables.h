#pragma once

#include <vector>

#include "check/judged.h"
#include "model/object.h"

namespace dbtool::check {

/// Differences between the declared tables and columns, as catalog::declared_tables makes them, and the live
/// ones.
std::vector<Judged> check_tables(const Catalog& expected, const Catalog& live);

}  // namespace dbtool::check
