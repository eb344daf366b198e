#pragma once

#include <optional>
#include <string>

#include "window/forecast.h"

namespace dbtool::window {

/// What to do when a step turns out not to fit.
enum class OnOverrun { ask, stop, warn };

/// Where a step stands in its window, at one look. All in seconds.
struct Look {
  double window = 0;   ///< from its opening to the time by which the database must be done, reserve taken off
  double elapsed = 0;  ///< since the window was opened
  double step = 0;     ///< since the step began
  double turn_back = 0;  ///< what cancelling, rolling back and what must follow it would cost from now
  double follows = 0;    ///< what must be done after the step even if it ends well: analyze, check
  Forecast left;         ///< of the step
};

enum class Verdict {
  go_on,
  doubtful,   ///< it may not fit: worth a word
  turn_back,  ///< it does not fit
};

struct Judgement {
  Verdict verdict{};
  std::string reason;           ///< "needs 9 h 50 – 16 h more; 8 h 20 left"
  double latest_turn_back = 0;  ///< seconds from now to the latest moment to turn back; negative: it is past
};

/// The rule by which a step is turned back: when even the optimistic end of the forecast misses in look after
/// look, or at the latest moment. Pure: the same looks give the same verdicts.
class Judge {
 public:
  Judgement judge(const Look& look);

 private:
  int misses_ = 0;
  std::optional<double> first_miss_;  ///< `elapsed` of the first of the misses in a row
};

/// Whether a step may be begun: its forecast, what follows and what turning back would cost against what is
/// left.
Judgement judge_before(const Forecast& forecast, double left, double follows);

}  // namespace dbtool::window
