#include "window/pace_history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace dbtool::window {

namespace {

constexpr std::size_t most_points = 800;

}  // namespace

void PaceHistory::add(double seconds, double position) {
  if (!points_.empty() && (seconds <= points_.back().seconds || seconds - points_.back().seconds < apart_))
    return;
  points_.push_back({seconds, position});
  if (points_.size() < most_points) return;
  std::vector<Point> thinner;
  for (std::size_t i = 0; i < points_.size(); i += 2) thinner.push_back(points_[i]);
  apart_ = 2 * (thinner.back().seconds - thinner.front().seconds) / static_cast<double>(most_points);
  points_ = std::move(thinner);
}

void PaceHistory::correct(double fixed, double factor) {
  for (Point& point : points_) {
    if (point.position > fixed) point.position = fixed + (point.position - fixed) * factor;
  }
}

double PaceHistory::position_at(double seconds) const {
  const auto after = std::upper_bound(points_.begin(), points_.end(), seconds,
                                      [](double at, const Point& point) { return at < point.seconds; });
  if (after == points_.begin()) return points_.empty() ? 0 : points_.front().position;
  if (after == points_.end()) return points_.back().position;
  const Point& from = *(after - 1);
  return from.position +
         (after->position - from.position) * (seconds - from.seconds) / (after->seconds - from.seconds);
}

PaceHistory::Change PaceHistory::change() const {
  constexpr std::size_t slices = 16;
  Change change;
  if (points_.size() < slices) return change;
  const Point& start = points_.front();
  const double seconds = (points_.back().seconds - start.seconds) / slices;
  const double mean = (points_.back().position - start.position) / slices;
  if (mean <= 0) return change;
  std::array<double, slices> moved{};
  for (std::size_t i = 0; i < slices; ++i) {
    const double from = start.seconds + seconds * static_cast<double>(i);
    moved[i] = (position_at(from + seconds) - position_at(from)) / mean;
  }
  double quarter = 0;
  for (std::size_t i = slices - slices / 4; i < slices; ++i)
    quarter += moved[i] * 4 / static_cast<double>(slices);
  change.factor = std::clamp(quarter, 1 / most_change, most_change);
  // Differences of neighbours: one step from fast to slow is one of them, and no noise.
  std::array<double, slices - 1> steps{};
  for (std::size_t i = 0; i + 1 < slices; ++i) steps[i] = std::abs(moved[i + 1] - moved[i]);
  std::nth_element(steps.begin(), steps.begin() + steps.size() / 2, steps.end());
  constexpr double deviation_of_median = 1.05;  // 1.48 for the bell, over the root of 2 for differences
  constexpr double of_quarter = 0.8;            // the root of 1/4, and more because noise comes in gusts
  // Other programs, checkpoints and the disk come and go, for seconds and for minutes: in a short quarter
  // that is all there is to see. A program that computed beside others got shares of the processor that
  // strayed by 0.16, 0.14, 0.12, 0.10 and 0.09 over 0.5, 1, 2, 4 and 8 seconds.
  constexpr double of_a_second = 0.14;
  constexpr double fades = 0.25;  // slower than noise without memory, which has 0.5
  change.seconds = seconds * slices / 4;
  const double gusts = of_a_second / std::pow(change.seconds, fades);
  change.noise =
      std::max(0.03, std::hypot(gusts, of_quarter * deviation_of_median * steps[steps.size() / 2]));
  return change;
}

}  // namespace dbtool::window
