#include "window/curve.h"

#include <algorithm>
#include <cstddef>

namespace dbtool::window {

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

}  // namespace dbtool::window
