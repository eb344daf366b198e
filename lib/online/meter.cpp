#include "online/meter.h"

#include <algorithm>

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr auto recent = 30s;
constexpr auto between_rate_points = 500ms;

double rate_of(std::int64_t rows, Clock::Monotonic::duration time) {
  const double seconds = std::chrono::duration<double>(time).count();
  return seconds > 0 ? static_cast<double>(rows) / seconds : 0;
}

}  // namespace

void Meter::add(std::int64_t rows, Clock::Monotonic now) {
  done_ += rows;
  run_ += rows;
  if (points_.empty()) points_.push_back({began_, 0});
  if (now - points_.back().time < between_rate_points) return;
  points_.push_back({now, run_});
  while (points_.size() > 2 && now - points_[1].time > recent) points_.pop_front();
}

std::optional<std::int64_t> Meter::total() const {
  return total_.value_or(0) >= done_ ? total_ : std::nullopt;
}

double Meter::rate(Clock::Monotonic now) const {
  return rate_of(run_, now - began_);
}

double Meter::recent_rate(Clock::Monotonic now) const {
  if (points_.empty()) return 0;
  // Points older than the span are dropped only when a batch comes: without any the rate falls.
  const auto first = std::find_if(points_.begin(), points_.end() - 1,
                                  [&](const Point& point) { return now - point.time <= recent; });
  return rate_of(run_ - first->rows, now - first->time);
}

}  // namespace dbtool::online
