#include "online/throttle/reaction.h"

#include <algorithm>

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// How soon the engine is to look again while nothing may move.
constexpr milliseconds halt_pause = 500ms;
/// So many times the limit, and steps come twice as often.
constexpr double far_too_much = 2;
/// After so many of the longest times between steps back without load, earlier trouble counts no more.
constexpr int forgotten_after = 3;

}  // namespace

Limits Reaction::react(Clock::Monotonic now, const Wish& wish, const Observation& observation) {
  const Reading* ruling = observation.ruling();
  fit(wish);
  halt_or_go_on(now, ruling);
  if (!halted_at_) heed(now, wish, ruling);
  return limits(wish, ruling);
}

/// What is wished may have changed: batches are short only where one worker is left, and pauses are made only
/// where batches are as short as they get.
void Reaction::fit(const Wish& wish) {
  int to_least = 0;
  while (shortened(wish, to_least) > std::min(wish.batch_time, pace_.least_batch_time)) ++to_least;
  halvings_ = pauses_ > 0 ? to_least : std::min(halvings_, to_least);
  const int all_but_one = std::max(wish.workers - 1, 0);
  workers_less_ = halvings_ > 0 || pauses_ > 0 ? all_but_one : std::min(workers_less_, all_but_one);
}

void Reaction::halt_or_go_on(Clock::Monotonic now, const Reading* ruling) {
  if (ruling != nullptr && ruling->hard && ruling->is_loaded()) {
    halted_at_ = now;
    cause_ = ruling->text;
    calm_since_.reset();
  } else if (halted_at_ && now - *halted_at_ >= pace_.recover) {
    halted_at_.reset();
  }
}

void Reaction::heed(Clock::Monotonic now, const Wish& wish, const Reading* ruling) {
  const double load = ruling == nullptr ? 0 : ruling->load;
  if (load >= 1) {
    slow_down(now, wish, *ruling);
  } else if (load >= pace_.calm) {
    calm_since_.reset();
  } else {
    recover(now);
  }
  if (loaded_at_ && now - *loaded_at_ >= forgotten_after * pace_.longest_recovery) recovery_ = pace_.recover;
}

void Reaction::slow_down(Clock::Monotonic now, const Wish& wish, const Reading& ruling) {
  loaded_at_ = now;
  calm_since_.reset();
  cause_ = ruling.text;
  // What comes back so soon after a step back came from the step: the next one takes longer.
  if (stepped_back_at_ && now - *stepped_back_at_ <= recovery_)
    recovery_ = std::min(recovery_ * 2, pace_.longest_recovery);
  stepped_back_at_.reset();
  if (now < next_step_) return;
  next_step_ = now + (ruling.load >= far_too_much ? pace_.slow_down / 2 : pace_.slow_down);
  if (wish.workers - workers_less_ > 1) {
    ++workers_less_;
  } else if (shortened(wish, halvings_) > pace_.least_batch_time) {
    ++halvings_;
  } else if (pause() < pace_.longest_pause) {
    ++pauses_;
  }
}

void Reaction::recover(Clock::Monotonic now) {
  if (!calm_since_) calm_since_ = now;
  if (!is_slowed() || now - *calm_since_ < recovery_) return;
  calm_since_ = stepped_back_at_ = now;
  if (pauses_ > 0) {
    --pauses_;
  } else if (halvings_ > 0) {
    --halvings_;
  } else {
    --workers_less_;
  }
}

milliseconds Reaction::shortened(const Wish& wish, int halvings) const {
  const milliseconds time = wish.batch_time / (1LL << std::min(halvings, 32));
  return std::min(wish.batch_time, std::max(pace_.least_batch_time, time));
}

milliseconds Reaction::pause() const {
  if (pauses_ == 0) return 0ms;
  const milliseconds doubled = pace_.first_pause * (1LL << std::min(pauses_ - 1, 32));
  return std::min(doubled, pace_.longest_pause);
}

Limits Reaction::limits(const Wish& wish, const Reading* ruling) const {
  if (halted_at_) return {0, shortened(wish, halvings_), halt_pause, cause_};
  Limits limits{std::max(wish.workers - workers_less_, 1), shortened(wish, halvings_), pause(), ""};
  if (!is_slowed()) return limits;
  const bool loaded = ruling != nullptr && ruling->is_loaded();
  limits.reason = loaded ? ruling->text : "recovering from: " + cause_;
  return limits;
}

}  // namespace dbtool::online
