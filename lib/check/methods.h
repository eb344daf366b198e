#pragma once

#include <vector>

#include "catalog/methods.h"
#include "catalog/read.h"
#include "check/judged.h"

namespace dbtool::check {

/// Differences between the stored functions as the version files define them and the live ones.
std::vector<Judged> check_methods(const catalog::Methods& methods, const catalog::Live& live);

}  // namespace dbtool::check
