#pragma once

#include <vector>

namespace dbtool::window {

/// How far a run was when: as many points as say it well, however long it takes.
class PaceHistory {
 public:
  void add(double seconds, double position);
  /// Earlier positions are known better now: all are multiplied.
  void correct(double factor);
  /// Between two points too; the first one's before it.
  double position_at(double seconds) const;
  bool empty() const { return points_.empty(); }

 private:
  struct Point {
    double seconds = 0;
    double position = 0;
  };
  std::vector<Point> points_;
  double apart_ = 0;  ///< seconds that two points are apart at least
};

}  // namespace dbtool::window
