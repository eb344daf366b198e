#pragma once

#include <vector>

#include "run/prediction.h"
#include "status/status.h"

namespace dbtool::status {

/// The versions from..newest, with what can be said of their cost.
std::vector<Pending> list_pending(const Project& project, int from, const run::Knowledge& knowledge);

}  // namespace dbtool::status
