#pragma once

#include <optional>
#include <vector>

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
  /// Whether its WAL has shown that the work itself has begun.
  bool is_under_way() const { return start_.has_value(); }
  /// Share of the whole that lies in phases not yet begun.
  double ahead() const { return 1 - phases_.current().ended / end(); }
  /// How far the WAL is beyond the whole of the rehearsal, as a share of it; 0: it is not.
  double excess() const { return excess_; }
  /// The same of what comes before the next known moment, as a share of the whole.
  double phase_excess() const { return phase_excess_; }
  /// How much of the uncertainty of the rows is left, 0 to 1: a phase that is over has told how much WAL
  /// there really is.
  double doubt_of_rows() const { return doubt_of_rows_; }
  /// Here over rehearsed, of the WAL of one and the same work.
  double ratio() const { return ratio_; }
  /// How many seconds a rehearsed one takes.
  double slowdown() const;
  /// When the last sample was taken, in seconds since the step began.
  double seconds() const { return seconds_; }
  /// Set when the last sample showed that earlier positions were wrong: those beyond `fixed` were `factor`
  /// times as far from it.
  struct Correction {
    double fixed = 0;
    double factor = 1;
  };
  const std::optional<Correction>& correction() const { return correction_; }

 private:
  struct Written {
    double likely = 0, least = 0, most = 0;  ///< bytes
  };
  /// A moment of the run that is known to be one of the rehearsal.
  struct Anchor {
    Written written;
    double bytes = 0;    ///< rehearsed
    double seconds = 0;  ///< rehearsed
  };
  void anchor(const Written& written, double bytes, double seconds);
  void pass_phases(const Written& written);
  void listen(const Written& written);
  void jump(double to);
  void hold(const Written& written);
  void start(const Written& written);
  Range moments(double least, double most) const;
  void narrow_by_view(const Sample& sample, Range& range) const;

  Curve curve_;
  Phases phases_;
  double planned_ratio_;
  double ratio_;
  double hold_ratio_;  ///< the same when the anchor was set
  double phase_excess_ = 0;
  double expected_slowdown_;
  double seconds_ = 0;
  /// Where and when the work was first seen to be under way: what a run waits for before is no measure of its
  /// pace.
  struct Start {
    double seconds = 0;
    double at = 0;
  };
  std::optional<Start> start_;
  double at_ = 0, most_ = 0, least_ = 0;
  Range proved_;
  Anchor anchor_;                ///< the last one
  std::vector<Range> silences_;  ///< rehearsed, those that are still to come
  Written quiet_written_;        ///< since when the run has written next to nothing
  double quiet_since_ = 0;
  bool quiet_known_ = false;  ///< a silence of the rehearsal was found for it
  double excess_ = 0;
  double doubt_of_rows_ = 1;
  std::optional<Correction> correction_;
};

}  // namespace dbtool::window
