#include "window/position.h"

#include <algorithm>
#include <cmath>

namespace dbtool::window {

namespace {

// A share of all WAL that is taken for nothing: what a server writes besides, what a look misses.
constexpr double negligible = 0.001;
// From so much progress on a run tells its speed as well as was expected of it before.
constexpr double telling = 0.01;
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
      expected_slowdown_(slowdown),
      proved_{0, curve_.seconds()} {}

double Position::slowdown() const {
  if (at_ <= 0 || seconds_ <= 0) return expected_slowdown_;
  const double share = proved_.low / end() / telling;
  const double weight = share * share / (1 + share * share);
  const double seen = std::log(seconds_ / at_);
  const double blended = std::exp(weight * seen + (1 - weight) * std::log(expected_slowdown_));
  // It cannot have come farther than its WAL and its phase allow.
  const double at_least = proved_.high > 0 ? seconds_ / proved_.high : 0;
  return std::max(blended, at_least);
}

void Position::begin_phase(const Written& written) {
  const double began = phases_.current().began;
  const double rehearsed = curve_.bytes_at(began);
  // What is over tells how much more or less is written here than the planner's rows let expect.
  if (rehearsed > 0.02 * curve_.bytes() && written.likely > 0) {
    const double weight = rehearsed / (rehearsed + 0.05 * curve_.bytes());
    const double seen = std::clamp(written.likely / rehearsed, planned_ratio_ / 4, planned_ratio_ * 4);
    ratio_ = std::exp((1 - weight) * std::log(planned_ratio_) + weight * std::log(seen));
    doubt_of_rows_ = 1 - weight;
  }
  phase_began_ = written;
  if (at_ > 0 && began > 0) correction_ = began / at_;
  at_ = most_ = least_ = began;
}

Range Position::moments(double least, double most) const {
  const Phases::Phase& phase = phases_.current();
  const double before = curve_.bytes_at(phase.began);
  const double slack = negligible * curve_.bytes();
  Range range = curve_.moments(before + least / ratio_ - slack, before + most / ratio_ + slack);
  range.low = std::clamp(range.low, phase.began, phase.ended);
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

  if (phases_.see(sample)) begin_phase(written);
  const auto of_phase = [&] {
    const Phases::Phase& phase = phases_.current();
    return curve_.bytes_at(phase.ended) - curve_.bytes_at(phase.began);
  };
  while (!phases_.is_last() &&
         (written.likely - phase_began_.likely) / ratio_ > surely_over * of_phase() + 0.02 * curve_.bytes()) {
    const double over = of_phase() * ratio_;
    phases_.pass_on();
    phase_began_ = {phase_began_.likely + over, phase_began_.least + over, phase_began_.most + over};
  }

  const double likely = std::max(0.0, written.likely - phase_began_.likely);
  const double most = std::max(likely, written.most - phase_began_.most);
  const double least = std::clamp(written.least - phase_began_.least, 0.0, likely);
  Range around = moments(likely, likely);
  narrow_by_view(sample, around);
  proved_ = {std::min(around.low, moments(least, least).low),
             std::max(around.high, moments(most, most).high)};
  at_ = std::clamp(at_ + passed / pace, around.low, around.high);
  most_ = std::clamp(most_ + passed / pace * stretch_spread, at_, std::max(at_, proved_.high));
  least_ = std::clamp(least_ + passed / pace / stretch_spread, std::min(at_, proved_.low), at_);
  excess_ = 0;
  if (phases_.is_last() && curve_.bytes() > 0) {
    const double all = curve_.bytes_at(phases_.current().began) + likely / ratio_;
    excess_ = std::max(0.0, all / curve_.bytes() - 1);
  }
}

}  // namespace dbtool::window
