#pragma once

#include <cstdint>
#include <string>

#include "window/forecast.h"

namespace dbtool::window {

/// A step here against its rehearsal, by size.
struct Scaling {
  double ratio = 1;                 ///< rows here over rows there
  std::int64_t rows_rehearsed = 0;  ///< 0: the step touches no table that has rows
  double spread = 0;                ///< standard deviation of the logarithm of what follows from it
  std::string doubt;                ///< not empty: not to be trusted, and why
};

/// `fitted`: how the cost grows was measured at several sizes.
Scaling scaling_of(const StepCost& cost, const Scale& scale, bool fitted);

}  // namespace dbtool::window
