#include "window/decision.h"

#include <fmt/format.h>

#include <algorithm>

#include "window/words.h"

namespace dbtool::window {

namespace {

// A false stop costs weeks: the optimistic end must miss in so many looks in a row, over such a share of the
// window.
constexpr int misses_to_believe = 8;
constexpr double share_to_believe = 0.03;

/// "20 min left", "20 min too late".
std::string left_text(double left) {
  return left >= 0 ? span_to_text(left) + " left" : span_to_text(-left) + " too late";
}

std::string against_window(const Forecast& forecast, double left, double follows, const std::string& more) {
  std::string text = forecast.trust == Trust::unknown
                         ? std::string("how long it takes is not known")
                         : fmt::format("needs {}{}", range_to_text(forecast.range), more);
  // Seconds after hours are no reason for anything.
  if (follows >= 60 || follows > 0.1 * std::max(left, 0.0))
    text += fmt::format(" and {} for what follows", span_to_text(follows));
  text += "; " + left_text(left);
  if (forecast.trust == Trust::weak) text += " (not to be relied upon)";
  return text;
}

}  // namespace

Judgement Judge::judge(const Look& look) {
  Judgement judgement;
  const double left = look.window - look.elapsed;
  const double room = left - look.follows;
  const bool measured = look.left.trust == Trust::measured;
  judgement.latest_turn_back = left - look.turn_back;
  judgement.reason = against_window(look.left, left, look.follows, " more");

  if (measured && look.left.range.low > room) {
    ++misses_;
    if (!first_miss_) first_miss_ = look.elapsed;
  } else {
    misses_ = 0;
    first_miss_.reset();
  }
  const bool surely_fits = measured && look.left.range.high <= room;
  const bool misses_long = first_miss_ && misses_ >= misses_to_believe &&
                           look.elapsed - *first_miss_ >= share_to_believe * look.window;
  if (judgement.latest_turn_back <= 0 && !surely_fits) {
    judgement.verdict = Verdict::turn_back;
    judgement.reason += ", and this is the latest moment to turn back";
  } else if (misses_long) {
    judgement.verdict = Verdict::turn_back;
  } else if (look.left.trust != Trust::unknown && look.left.range.high > room) {
    judgement.verdict = Verdict::doubtful;
  } else {
    judgement.verdict = Verdict::go_on;
  }
  return judgement;
}

Judgement judge_before(const Forecast& forecast, double left, double follows) {
  Judgement judgement;
  const double room = left - follows;
  judgement.latest_turn_back = left;
  judgement.reason = against_window(forecast, left, follows, "");
  if (room <= 0 || (forecast.trust == Trust::measured && forecast.likely > room)) {
    judgement.verdict = Verdict::turn_back;
  } else if (forecast.trust == Trust::unknown || forecast.range.high > room) {
    judgement.verdict = Verdict::doubtful;
  } else {
    judgement.verdict = Verdict::go_on;
  }
  return judgement;
}

}  // namespace dbtool::window
