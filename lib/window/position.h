#pragma once

#include <optional>

#include "window/curve.h"
#include "window/phases.h"
#include "window/sample.h"

namespace dbtool::window {

/// Where a run is in its rehearsal, in rehearsed seconds: by its WAL, by its phases, and, where the rehearsal
/// wrote nothing for a while, by the time that passes.
class Position {
 public:
  /// `ratio`: rows here over rows rehearsed. `slowdown`: how many seconds one of the rehearsal is expected to
  /// take.
  Position(const StepCost& cost, double ratio, double slowdown);

  void add(const Sample& sample);

  double at() const { return at_; }
  /// As far, and as little far, as it may be: other sessions' WAL, stretches without any.
  double most() const { return most_; }
  double least() const { return least_; }
  /// Of these, what WAL and phases prove alone.
  double proved() const { return proved_.low; }
  double end() const { return curve_.seconds(); }
  /// Share of the whole that lies in phases not yet begun.
  double ahead() const { return 1 - phases_.current().ended / end(); }
  /// How far the WAL is beyond the whole of the rehearsal, as a share of it; 0: it is not.
  double excess() const { return excess_; }
  /// How much of the uncertainty of the rows is left, 0 to 1: a phase that is over has told how much WAL
  /// there really is.
  double doubt_of_rows() const { return doubt_of_rows_; }
  /// Here over rehearsed, of the WAL of one and the same work.
  double ratio() const { return ratio_; }
  /// How many seconds a rehearsed one takes.
  double slowdown() const;
  /// When the last sample was taken, in seconds since the step began.
  double seconds() const { return seconds_; }
  /// Set when the last sample began a phase: by what to multiply earlier positions, now that it is known
  /// better.
  std::optional<double> correction() const { return correction_; }

 private:
  struct Written {
    double likely = 0, least = 0, most = 0;  ///< bytes
  };
  void begin_phase(const Written& written);
  Range moments(double least, double most) const;
  void narrow_by_view(const Sample& sample, Range& range) const;

  Curve curve_;
  Phases phases_;
  double planned_ratio_;
  double ratio_;
  double expected_slowdown_;
  double seconds_ = 0;
  double at_ = 0, most_ = 0, least_ = 0;
  Range proved_;
  Written phase_began_;  ///< what was written when the phase began
  double excess_ = 0;
  double doubt_of_rows_ = 1;
  std::optional<double> correction_;
};

}  // namespace dbtool::window
