#pragma once

#include <vector>

#include "check/judged.h"
#include "model/object.h"
#include "model/project.h"

namespace dbtool::check {

/// Differences between the declared tables and columns and the live ones.
std::vector<Judged> check_tables(const Project& project, const Catalog& live);

}  // namespace dbtool::check
