#include "window/curve.h"

#include <algorithm>
#include <cstddef>

namespace dbtool::window {

namespace {

// A stretch is silent that writes so much less a second than the whole does, and long from such a share of
// the whole on.
constexpr double silent_rate = 0.1;
constexpr double long_silence = 0.02;

}  // namespace

Curve::Curve(const StepCost& cost) {
  points_.push_back({});
  const auto add = [&](double seconds, double bytes) {
    const Point& last = points_.back();
    points_.push_back({std::max(last.seconds, seconds), std::max(last.bytes, bytes)});
  };
  for (const CurvePoint& point : cost.curve) {
    if (point.seconds < cost.seconds) add(point.seconds, static_cast<double>(point.wal_bytes));
  }
  add(cost.seconds, static_cast<double>(cost.wal_bytes));
}

double Curve::bytes_at(double seconds) const {
  const auto after = std::upper_bound(points_.begin(), points_.end(), seconds,
                                      [](double at, const Point& point) { return at < point.seconds; });
  if (after == points_.begin()) return 0;
  if (after == points_.end()) return bytes();
  const Point& from = *(after - 1);
  return from.bytes +
         (after->bytes - from.bytes) * (seconds - from.seconds) / (after->seconds - from.seconds);
}

Range Curve::moments(double least, double most) const {
  const auto less = [](const Point& point, double bytes) { return point.bytes < bytes; };
  const auto more = [](double bytes, const Point& point) { return bytes < point.bytes; };
  const auto between = [&](std::vector<Point>::const_iterator to, double bytes) {
    if (to == points_.begin()) return 0.0;
    if (to == points_.end()) return seconds();
    const Point& from = *(to - 1);
    return from.seconds + (to->seconds - from.seconds) * (bytes - from.bytes) / (to->bytes - from.bytes);
  };
  return {between(std::lower_bound(points_.begin(), points_.end(), least, less), least),
          between(std::upper_bound(points_.begin(), points_.end(), most, more), most)};
}

std::vector<Range> Curve::silences() const {
  const double loud = silent_rate * bytes() / seconds();
  std::vector<Range> silences;
  for (std::size_t i = 1; i < points_.size(); ++i) {
    const Point& from = points_[i - 1];
    const Point& to = points_[i];
    if (to.bytes - from.bytes > loud * (to.seconds - from.seconds)) continue;
    if (!silences.empty() && silences.back().high == from.seconds) {
      silences.back().high = to.seconds;
    } else {
      silences.push_back({from.seconds, to.seconds});
    }
  }
  std::erase_if(silences,
                [&](const Range& silence) { return silence.high - silence.low < long_silence * seconds(); });
  return silences;
}

}  // namespace dbtool::window
