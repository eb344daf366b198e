#pragma once

#include <cstdint>
#include <string>

#include "window/forecast.h"

namespace dbtool::window {

/// A step here against its rehearsal, by size.
struct Scaling {
  double ratio = 1;                 ///< rows here over rows there
  double time = 1;                  ///< seconds here over seconds there, on the same server
  double wal = 1;                   ///< bytes of write-ahead log here over those there
  std::int64_t rows_rehearsed = 0;  ///< 0: the step touches no table that has rows
  double spread = 0;                ///< standard deviation of the logarithm of `time`
  double wal_spread = 0;  ///< of that of `wal`, as far as it follows from the growth that was fitted
  std::string doubt;      ///< not empty: not to be trusted, and why
};

/// By the growth of `scale`, where it was fitted; else costs are thought to grow like the rows.
Scaling scaling_of(const StepCost& cost, const Scale& scale);

}  // namespace dbtool::window
