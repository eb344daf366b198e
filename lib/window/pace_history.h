#pragma once

#include <cstddef>
#include <vector>

namespace dbtool::window {

/// How far a run was when: as many points as say it well, however long it takes.
class PaceHistory {
 public:
  /// The first one is where the run's pace is measured from.
  void add(double seconds, double position);
  /// Earlier positions are known better now: those beyond `fixed` were `factor` times as far from it.
  void correct(double fixed, double factor);
  /// Between two points too; the first one's before it.
  double position_at(double seconds) const;
  std::size_t size() const { return points_.size(); }
  /// How the last quarter of the run went, against the whole.
  struct Change {
    double factor = 1;   ///< of the pace; less than 1: slower
    double noise = 0;    ///< by how much the logarithm of that factor strays by itself (standard deviation)
    double seconds = 0;  ///< that the quarter took
  };
  /// At most so much is taken for a change: a run that stands still has none that could be told.
  static constexpr double most_change = 8;
  Change change() const;

 private:
  struct Point {
    double seconds = 0;
    double position = 0;
  };
  std::vector<Point> points_;
  double apart_ = 0;  ///< seconds that two points are apart at least
};

}  // namespace dbtool::window
