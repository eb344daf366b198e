#include "window/likelihood.h"

#include <algorithm>
#include <cmath>

namespace dbtool::window {

namespace {

/// The share of a bell that lies beyond z.
double beyond(double z) {
  return 0.5 * std::erfc(z / std::sqrt(2.0));
}

/// The time left with a share of `later` of all cases still to come, of those that last longer than
/// `elapsed`.
double left_at(double total, double spread, double elapsed, double later) {
  if (elapsed <= 0) elapsed = 1e-9;
  // Farther out than that the shares are too small to count with.
  const double past = std::clamp((std::log(elapsed) - std::log(total)) / spread, -30.0, 30.0);
  const double wanted = later * beyond(past);
  double from = past;
  double to = past + 40;
  for (int i = 0; i < 60; ++i) {
    const double middle = (from + to) / 2;
    (beyond(middle) > wanted ? from : to) = middle;
  }
  // In logarithms from now on: what was clamped above must not become a time before now.
  return elapsed * std::expm1((from - past) * spread) +
         std::max(0.0, total * std::exp(past * spread) - elapsed) * std::exp((from - past) * spread);
}

}  // namespace

Left left_of(const Belief& belief, double elapsed) {
  Left left;
  left.range.low = left_at(belief.low, belief.spread, elapsed, 0.95);
  left.range.high = left_at(belief.high, belief.spread, elapsed, 0.05);
  left.likely =
      std::clamp(left_at(belief.likely, belief.spread, elapsed, 0.5), left.range.low, left.range.high);
  return left;
}

}  // namespace dbtool::window
