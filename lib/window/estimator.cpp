#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "window/forecast.h"
#include "window/likelihood.h"
#include "window/pace_history.h"
#include "window/position.h"
#include "window/reasons.h"
#include "window/scaling.h"
#include "window/unrehearsed.h"
#include "window/words.h"

namespace dbtool::window {

namespace {

// From so much progress on a run says more about itself than its rehearsal on another server did.
constexpr double own_evidence = 0.01;
// In its first minute a run that is larger than its rehearsal still finds room in the caches and in what the
// kernel has yet to write out, as did the whole rehearsal; what is left then goes slower, so much for each
// e-fold of the size. Measured on runs of 20 to 60 s over rehearsals of a third.
constexpr double slower_later = 0.06;
constexpr double most_slower = 0.15;
constexpr double first_minute = 60;
constexpr double early_doubt = 0.15;  // standard deviations, over the share of the run that is over
constexpr double gust_seconds = 3;
constexpr double least_noise = 0.03;  // of the pace, however even it seems
// What cannot be known better: WAL for one and the same row differs with checkpoints and free space.
constexpr double least_spread = 0.03;

double square(double value) {
  return value * value;
}

double between(double from, double to, double share) {
  return std::exp(std::log(from) * (1 - share) + std::log(to) * share);
}

StepCost with_duration(StepCost cost) {
  cost.seconds = std::max(cost.seconds, 1e-3);
  return cost;
}

}  // namespace

struct Estimator::State {
  State(const StepCost* rehearsed, const Forecast& forecast, const Scale& scale)
      : before(forecast), unrehearsed(scale.bytes), rows(scale.rows) {
    if (rehearsed == nullptr) return;
    cost = with_duration(*rehearsed);
    scaling = scaling_of(*cost, scale);
    const double slowdown =
        before.trust == Trust::unknown || before.likely <= 0 ? scaling.time : before.likely / cost->seconds;
    position.emplace(*cost, scaling.wal, slowdown);
  }

  Belief belief() const;

  Forecast before;
  Unrehearsed unrehearsed;
  std::optional<std::int64_t> rows;
  std::optional<StepCost> cost;
  Scaling scaling;
  std::optional<Position> position;
  PaceHistory history;
  Waits waits;
};

Belief Estimator::State::belief() const {
  const double elapsed = position->seconds();
  const double still = 1 - position->at() / position->end();
  const double later = std::clamp(slower_later * std::log(scaling.ratio), 0.0, most_slower) *
                       std::exp(-elapsed / first_minute);
  const double left = (position->end() - position->at()) * (1 + later * still);
  const double proved = position->proved() / position->end();
  const double overall = position->slowdown();

  // The pace of late counts as far as it strays from the whole's by more than noise.
  const PaceHistory::Change pace_change = history.change();
  const double change = -std::log(pace_change.factor) * std::min(1.0, proved / (8 * own_evidence));
  const double clarity = std::abs(change) / std::max(pace_change.noise, least_noise);
  const double recent = overall * std::exp(change * std::clamp(clarity - 0.5, 0.0, 1.0));
  // In the little of a run that is over there was little time for it to change for good, and as much for
  // noise as ever; and what has lasted for so few seconds may be over in as few.
  const double clear = 1.5 + early_doubt / std::max(proved, own_evidence);
  const double lasting = pace_change.seconds / (pace_change.seconds + gust_seconds);
  const double believed = lasting * std::clamp((clarity - clear) / 1.5, 0.0, 1.0);

  Belief belief;
  belief.likely = elapsed + left * overall * std::exp(change * believed);
  belief.low = std::min(elapsed + left * recent, elapsed + left * overall);
  belief.high = std::max(elapsed + left * recent, elapsed + left * overall);
  if (position->most() > 0) {
    const double pace = std::min(overall, elapsed / position->most());
    belief.low = std::min(belief.low, elapsed + (position->end() - position->most()) * pace);
  }
  const double pace = position->least() > 0 ? std::max(overall, elapsed / position->least()) : overall;
  belief.high =
      std::max(belief.high, elapsed + (position->end() - position->least()) * std::min(pace, 8 * overall));

  const double own = square(proved / own_evidence) / (1 + square(proved / own_evidence));
  if (before.trust != Trust::unknown && before.range.low > 0) {
    belief.low = between(std::min(before.range.low, belief.low), belief.low, own);
    belief.high = between(std::max(before.range.high, belief.high), belief.high, own);
  }
  const double shape = std::min(0.3, 0.025 / std::sqrt(std::max(proved, 1e-4)));
  // WAL a row strays less with the size than time does.
  const double size = ((rows ? 0.1 : 0.35) + 0.02 * std::abs(std::log(scaling.ratio)) + scaling.wal_spread) *
                      position->doubt_of_rows();
  belief.spread =
      std::sqrt(square(least_spread) + square(shape) + square(size) + square(0.1 * position->ahead()) +
                square(position->phase_excess()) + square(std::log1p(position->excess())));
  return belief;
}

Estimator::Estimator(const StepCost* cost, const Forecast& before, const Scale& scale)
    : state_(std::make_unique<State>(cost, before, scale)) {}
Estimator::Estimator(Estimator&&) noexcept = default;
Estimator& Estimator::operator=(Estimator&&) noexcept = default;
Estimator::~Estimator() = default;

void Estimator::add(const Sample& sample) {
  state_->waits.add(sample);
  state_->unrehearsed.add(sample);
  if (!state_->position) return;
  state_->position->add(sample);
  if (const auto& correction = state_->position->correction())
    state_->history.correct(correction->fixed, correction->factor);
  if (state_->position->is_under_way()) state_->history.add(sample.seconds, state_->position->at());
}

Forecast Estimator::left() const {
  if (!state_->position) return state_->unrehearsed.left();
  const Position& position = *state_->position;
  const double elapsed = position.seconds();
  const Left left = left_of(state_->belief(), elapsed);
  Forecast forecast;
  forecast.range = left.range;
  forecast.likely = left.likely;
  const bool seen = position.proved() > own_evidence * position.end();
  constexpr double too_much = 0.5;  // it does something else than it did in its rehearsal
  const bool doubtful = !state_->scaling.doubt.empty() || position.excess() > too_much;
  forecast.trust = doubtful ? Trust::weak : seen ? Trust::measured : state_->before.trust;
  if (forecast.trust == Trust::unknown) forecast.trust = Trust::weak;
  forecast.source =
      fmt::format("{:.0f} % done, by its WAL against the rehearsal's", 100 * progress().value_or(0));
  if (position.excess() > 0.02) {
    forecast.source =
        fmt::format("has written {:.0f} % more WAL than expected, and goes on", 100 * position.excess());
  }
  if (!state_->before.source.empty()) forecast.source += "; " + state_->before.source;
  return forecast;
}

std::optional<double> Estimator::progress() const {
  constexpr double not_over = 0.999;
  if (state_->position) return std::clamp(state_->position->at() / state_->position->end(), 0.0, not_over);
  const auto guess = state_->unrehearsed.guess();
  if (!guess || guess->began > 0) return std::nullopt;
  return std::clamp(guess->likely, 0.0, not_over);
}

std::vector<std::string> Estimator::reasons() const {
  if (!state_->position) return {};
  const Position& position = *state_->position;
  const double slowdown = position.slowdown();
  const double ratio = std::max(state_->scaling.time, 1e-9);
  const double wal_ratio = std::max(state_->scaling.wal, 1e-9);
  constexpr double worth_a_word = 1.2;
  std::vector<std::string> reasons;
  if (slowdown / ratio < worth_a_word) return reasons;
  reasons = slow_waits(state_->waits, *state_->cost, slowdown / ratio);
  if (state_->rows && state_->scaling.rows_rehearsed > 0 &&
      position.proved() > own_evidence * position.end()) {
    const double rehearsed =
        1e6 * state_->cost->seconds / static_cast<double>(state_->scaling.rows_rehearsed);
    const auto number = [](double value) {
      return value < 10 ? fmt::format("{:.1f}", value)
                        : fmt::format("{}", count_to_text(std::llround(value)));
    };
    reasons.push_back(fmt::format("{} µs/row (rehearsed {})",
                                  number(rehearsed * slowdown / state_->scaling.ratio), number(rehearsed)));
  }
  if (position.ratio() > worth_a_word * wal_ratio) {
    reasons.push_back(fmt::format("{:.1f} times the WAL for the same work", position.ratio() / wal_ratio));
  }
  return reasons;
}

}  // namespace dbtool::window
