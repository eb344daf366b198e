#pragma once

#include <map>

#include "model/rehearsal.h"
#include "window/forecast.h"

namespace dbtool::window {

/// What a step spends its time on, by kind of work: shares that add up to 1. From its index builds, its waits
/// and its write-ahead log.
std::map<Work, double> work_shares(const StepCost& cost);

/// The conversion of a whole step: that of each kind of work, weighed by what the step spends on it.
struct StepConversion {
  double low = 1, high = 1;
  double unknown = 0;  ///< share of the time whose kind of work cannot be compared; taken as widely as it is
  std::string reason;  ///< why not, of the largest such share
};
StepConversion convert(const StepCost& cost, const std::vector<Conversion>& conversions);

}  // namespace dbtool::window
