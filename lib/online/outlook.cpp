#include "online/outlook.h"

#include <utility>

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_silence = 10s;

}  // namespace

void Outlook::begin(Clock::Monotonic now) {
  reaction_ = Reaction();
  fresh_.reset();
  readings_.clear();
  observed_at_ = now;
}

void Outlook::take(Observation observation, Clock::Monotonic now) {
  readings_ = observation.readings;
  fresh_ = std::move(observation);
  observed_at_ = now;
}

Limits Outlook::limits(Clock::Monotonic now, const Wish& wish) {
  const bool changed = !wish_ || wish.workers != wish_->workers || wish.batch_time != wish_->batch_time;
  if (!fresh_ && now - observed_at_ > longest_silence) {
    Observation silence;
    silence.readings.push_back({"monitor", 1, "no observation has come for 10 s", false, true});
    take(std::move(silence), now);
  }
  if (fresh_ || changed) {
    limits_ = reaction_.react(now, wish, fresh_.value_or(Observation{}));
    wish_ = wish;
    fresh_.reset();
  }
  return limits_;
}

}  // namespace dbtool::online
