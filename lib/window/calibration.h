#pragma once

#include <optional>
#include <vector>

/// How good the forecasts were. Pure.
namespace dbtool::window {

/// What was forecast of a step before it began, and how long it took; in seconds.
struct Outcome {
  double low = 0, high = 0;
  double actual = 0;
  bool done = true;  ///< else it was ended after `actual`, and would have taken longer
};

/// Steps of which neither forecast nor truth was as long as a second tell nothing and are left out. Those
/// that were ended before the forecast's high end had passed neither.
struct Calibration {
  int steps = 0;   ///< that were judged
  int inside = 0;  ///< of these: the truth lay inside the range
  /// Of those that were done, how far the middle of the range was from the truth, as a share of the truth.
  std::optional<double> median_error;
};

Calibration calibrate(const std::vector<Outcome>& outcomes);

}  // namespace dbtool::window
