#pragma once

#include <vector>

#include "load/complaints.h"
#include "model/version.h"

namespace dbtool::load {

/// Rules about methods that only show across versions, which are in ascending order: mode, service, arguments
/// and return type of a function never change, and a deprecated entry without a body names a function that
/// exists; the latter can only be said when the list is `complete`.
void check_across(const std::vector<Version>& versions, bool complete, Complaints& complaints);

}  // namespace dbtool::load
