#pragma once

#include "window/forecast.h"

namespace dbtool::window {

/// What is believed of how long something takes in all: its logarithm is spread like a bell around
/// something between `low` and `high`.
struct Belief {
  double low = 0, high = 0;  ///< seconds, more than 0
  double likely = 0;         ///< between them
  double spread = 0;         ///< standard deviation of the logarithm, more than 0
};

/// What is left of it after `elapsed` seconds, knowing that it is not over: never nothing, and the longer the
/// later it is.
struct Left {
  Range range;  ///< nine in ten are inside
  double likely = 0;
};
Left left_of(const Belief& belief, double elapsed);

}  // namespace dbtool::window
