#include "window/pace_history.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace dbtool::window {

namespace {

constexpr std::size_t most_points = 800;

}  // namespace

void PaceHistory::add(double seconds, double position) {
  if (points_.empty()) points_.push_back({0, 0});
  if (seconds <= points_.back().seconds || seconds - points_.back().seconds < apart_) return;
  points_.push_back({seconds, position});
  if (points_.size() < most_points) return;
  std::vector<Point> thinner;
  for (std::size_t i = 0; i < points_.size(); i += 2) thinner.push_back(points_[i]);
  apart_ = 2 * thinner.back().seconds / static_cast<double>(most_points);
  points_ = std::move(thinner);
}

void PaceHistory::correct(double factor) {
  for (Point& point : points_) point.position *= factor;
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

}  // namespace dbtool::window
