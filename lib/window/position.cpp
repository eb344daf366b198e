#include "window/position.h"

#include <algorithm>
#include <cmath>

namespace dbtool::window {

namespace {

// A share of all WAL that is taken for nothing: what a server writes besides, what a look misses.
constexpr double negligible = 0.001;
// From so much progress on a run tells its speed as well as was expected of it before.
constexpr double telling = 0.01;
// Seen to be under way from such a share of its WAL on; if that comes as late as this, what was before
// counts.
constexpr double under_way = 0.002;
constexpr double late_start = 0.03;
// The run is silent when it writes so much less a second than it is to on the whole, for such a share of it.
constexpr double quiet_rate = 0.1;
constexpr double surely_silent = 0.01;
// How much faster or slower than on the whole a stretch without WAL may pass.
constexpr double stretch_spread = 1.25;
// A phase that has written so much more than its share is over.
constexpr double surely_over = 1.3;

}  // namespace

Position::Position(const StepCost& cost, double ratio, double slowdown)
    : curve_(cost),
      phases_(cost),
      planned_ratio_(ratio),
      ratio_(ratio),
      hold_ratio_(ratio),
      expected_slowdown_(slowdown),
      proved_{0, curve_.seconds()},
      silences_(curve_.silences()) {}

double Position::slowdown() const {
  if (at_ <= 0 || seconds_ <= 0) return expected_slowdown_;
  const double share = proved_.low / end() / telling;
  const double weight = share * share / (1 + share * share);
  const Start from = start_ && start_->at < std::min(at_, late_start * end()) ? *start_ : Start{};
  const double seen = std::log((seconds_ - from.seconds) / (at_ - from.at));
  const double blended = std::exp(weight * seen + (1 - weight) * std::log(expected_slowdown_));
  // It cannot have come farther than its WAL and its phase allow.
  const double at_least = proved_.high > from.at ? (seconds_ - from.seconds) / (proved_.high - from.at) : 0;
  return std::max(blended, at_least);
}

/// Notes the start, and keeps it true when earlier positions are corrected.
void Position::start(const Written& written) {
  if (start_ && correction_ && start_->at > correction_->fixed)
    start_->at = correction_->fixed + (start_->at - correction_->fixed) * correction_->factor;
  if (!start_ && written.likely > under_way * planned_ratio_ * curve_.bytes()) start_ = Start{seconds_, at_};
}

void Position::anchor(const Written& written, double bytes, double seconds) {
  // What is over tells how much more or less is written here than the planner's rows let expect.
  if (bytes > 0.02 * curve_.bytes() && written.likely > 0) {
    const double weight = bytes / (bytes + 0.05 * curve_.bytes());
    const double seen = std::clamp(written.likely / bytes, planned_ratio_ / 4, planned_ratio_ * 4);
    ratio_ = std::exp((1 - weight) * std::log(planned_ratio_) + weight * std::log(seen));
    doubt_of_rows_ = 1 - weight;
  }
  anchor_ = {written, bytes, seconds};
  hold_ratio_ = ratio_;
}

/// The same work writes more or less here than there, so that its WAL alone does not say that a silence is
/// reached. That it has become silent does.
void Position::listen(const Written& written) {
  const double expected = slowdown() * end();
  const double loud = quiet_rate * ratio_ * curve_.bytes() / expected;
  const double since = seconds_ - quiet_since_;
  if (written.likely - quiet_written_.likely > loud * since) {
    quiet_since_ = seconds_;
    quiet_written_ = written;
    quiet_known_ = false;
    return;
  }
  if (quiet_known_ || since < surely_silent * expected) return;
  const double here = anchor_.bytes + (written.likely - anchor_.written.likely) / ratio_;
  const Phases::Phase& phase = phases_.current();
  const Range* nearest = nullptr;
  double least = 0.3 * (here - anchor_.bytes) + 0.03 * curve_.bytes();
  for (const Range& silence : silences_) {
    if (silence.high <= std::max(phase.began, anchor_.seconds) || silence.low >= phase.ended) continue;
    const double off = std::abs(curve_.bytes_at(silence.low) - here);
    if (off > least) continue;
    least = off;
    nearest = &silence;
  }
  if (nearest == nullptr) return;
  quiet_known_ = true;
  const Range silence = *nearest;
  std::erase_if(silences_, [&](const Range& other) { return other.low <= silence.low; });
  anchor(quiet_written_, curve_.bytes_at(silence.low), std::max(silence.low, phase.began));
  if (at_ < silence.low || at_ > silence.high) jump(std::min(silence.high, silence.low + since / slowdown()));
}

/// It is known better where the run is.
void Position::jump(double to) {
  if (at_ > 0 && to > 0) correction_ = Correction{0, to / at_};
  at_ = most_ = least_ = to;
}

/// More was written than leads to the end of the phase, or to the next silence, and neither has come: then
/// there is more to write than was thought.
void Position::hold(const Written& written) {
  double until = phases_.is_last() ? end() : phases_.current().ended;
  const auto silence = std::find_if(silences_.begin(), silences_.end(), [&](const Range& s) {
    return s.low > anchor_.seconds && s.low > phases_.current().began && s.low < until;
  });
  const bool is_silence = silence != silences_.end();
  if (is_silence) until = silence->low;
  phase_excess_ = 0;
  if (!is_silence && phases_.is_last()) return;
  const double bytes = curve_.bytes_at(until) - anchor_.bytes;
  const double here = (written.likely - anchor_.written.likely) / ratio_;
  if (here <= bytes || bytes <= 0.02 * curve_.bytes()) return;
  const double planned = (written.likely - anchor_.written.likely) / std::min(ratio_, hold_ratio_);
  if (is_silence && planned > surely_over * bytes + 0.02 * curve_.bytes()) {
    silences_.erase(silence);  // this run does without
    ratio_ = hold_ratio_;
    return;
  }
  phase_excess_ = (planned - bytes) / curve_.bytes();
  correction_ = Correction{anchor_.seconds, bytes / here};
  ratio_ *= here / bytes;
}

/// Phases that must be over by what was written since.
void Position::pass_phases(const Written& written) {
  while (!phases_.is_last()) {
    const double ended = phases_.current().ended;
    const double bytes = curve_.bytes_at(ended) - anchor_.bytes;
    if ((written.likely - anchor_.written.likely) / hold_ratio_ <=
        surely_over * bytes + 0.02 * curve_.bytes())
      return;
    phases_.pass_on();
    ratio_ = hold_ratio_;
    const double over = bytes * ratio_;
    const Written since = anchor_.written;
    anchor_ = {{since.likely + over, since.least + over, since.most + over}, curve_.bytes_at(ended), ended};
  }
}

Range Position::moments(double least, double most) const {
  const Phases::Phase& phase = phases_.current();
  const double slack = negligible * curve_.bytes();
  Range range = curve_.moments(anchor_.bytes + least / ratio_ - slack, anchor_.bytes + most / ratio_ + slack);
  range.low = std::clamp(range.low, std::min(anchor_.seconds, phase.ended), phase.ended);
  range.high = std::clamp(range.high, range.low, phase.ended);
  return range;
}

/// In an index build the scan of the table comes first, and its sort writes as little as the scan: the
/// server's view tells them apart.
void Position::narrow_by_view(const Sample& sample, Range& range) const {
  if (!sample.view || sample.view->total <= 0) return;
  if (sample.view->phase.find("scanning table") == std::string::npos) return;
  const double done = std::clamp(sample.view->done / sample.view->total, 0.0, 1.0);
  const double length = range.high - range.low;
  const double from = range.low;
  range.low = from + 0.1 * done * length;
  range.high = from + (0.05 + 0.5 * done) * length;
}

void Position::add(const Sample& sample) {
  correction_.reset();
  const double passed = std::max(0.0, sample.seconds - seconds_);
  const double pace = slowdown();
  seconds_ = std::max(seconds_, sample.seconds);
  Written written;
  written.most = static_cast<double>(std::max(sample.wal_bytes, sample.wal_bytes_least));
  written.least = static_cast<double>(std::min(sample.wal_bytes, sample.wal_bytes_least));
  written.likely = (written.most + written.least) / 2;

  if (phases_.see(sample)) {
    const double began = phases_.current().began;
    anchor(written, curve_.bytes_at(began), began);
    jump(began);
  }
  pass_phases(written);
  listen(written);
  hold(written);

  const double likely = std::max(0.0, written.likely - anchor_.written.likely);
  const double most = std::max(likely, written.most - anchor_.written.most);
  const double least = std::clamp(written.least - anchor_.written.least, 0.0, likely);
  Range around = moments(likely, likely);
  narrow_by_view(sample, around);
  proved_ = {std::min(around.low, moments(least, least).low),
             std::max(around.high, moments(most, most).high)};
  at_ = std::clamp(at_ + passed / pace, around.low, around.high);
  most_ = std::clamp(most_ + passed / pace * stretch_spread, at_, std::max(at_, proved_.high));
  least_ = std::clamp(least_ + passed / pace / stretch_spread, std::min(at_, proved_.low), at_);
  start(written);
  excess_ = 0;
  if (phases_.is_last() && curve_.bytes() > 0) {
    const double all = anchor_.bytes + likely / ratio_;
    excess_ = std::max(0.0, all / curve_.bytes() - 1);
  }
}

}  // namespace dbtool::window
