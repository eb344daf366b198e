#pragma once

#include <vector>

#include "model/rehearsal.h"
#include "window/forecast.h"

namespace dbtool::window {

/// A step's write-ahead log over its time, as rehearsed: in both directions, between the points too.
class Curve {
 public:
  /// Points that go back, in time or in bytes, are taken for the highest so far.
  explicit Curve(const StepCost& cost);

  double seconds() const { return points_.back().seconds; }
  double bytes() const { return points_.back().bytes; }
  double bytes_at(double seconds) const;
  /// From the first moment at which `least` bytes were written to the last at which no more than `most` were:
  /// wide where nothing was written for a while.
  Range moments(double least, double most) const;
  /// Long stretches in which next to nothing is written: sorts, scans.
  std::vector<Range> silences() const;

 private:
  struct Point {
    double seconds = 0;
    double bytes = 0;
  };
  std::vector<Point> points_;  ///< the first one is nought; both members ascend
};

}  // namespace dbtool::window
