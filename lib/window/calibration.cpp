#include "window/calibration.h"

#include <algorithm>
#include <cmath>

namespace dbtool::window {

namespace {

constexpr double worth_judging = 1;  // s

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace

Calibration calibrate(const std::vector<Outcome>& outcomes) {
  Calibration calibration;
  std::vector<double> errors;
  for (const Outcome& outcome : outcomes) {
    if (std::max(outcome.high, outcome.actual) < worth_judging) continue;
    if (!outcome.done) {
      // It may still have ended inside the range, or long after it: only one that is past it is known.
      if (outcome.actual > outcome.high) ++calibration.steps;
      continue;
    }
    ++calibration.steps;
    if (outcome.low <= outcome.actual && outcome.actual <= outcome.high) ++calibration.inside;
    const double middle = (outcome.low + outcome.high) / 2;
    errors.push_back(std::abs(middle - outcome.actual) / std::max(outcome.actual, 1e-3));
  }
  if (!errors.empty()) calibration.median_error = median(std::move(errors));
  return calibration;
}

}  // namespace dbtool::window
