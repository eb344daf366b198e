#pragma once

#include <vector>

#include "ledger/ledger.h"
#include "model/finding.h"

namespace dbtool::check {

/// What a version that is only partly there means for a check: a warning where statements outside a
/// transaction came to no end, for the files declare no such state; a note for an online part, which may take
/// days.
std::vector<Finding> unfinished(const ledger::State& state);

}  // namespace dbtool::check
