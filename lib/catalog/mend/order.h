#pragma once

#include <vector>

#include "catalog/mend/kind.h"

namespace dbtool::catalog::mending {

/// Puts steps in an order in which each finds what it uses and lets go of what is dropped after it; where
/// that leaves a choice, by their phases. Moves what follows from a step outside the transaction there as
/// well, and tells what waits for a step that may not run. Circles are broken at the lowest phase.
std::vector<Mend> in_order(std::vector<Step> steps);

}  // namespace dbtool::catalog::mending
