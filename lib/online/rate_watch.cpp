#include "online/rate_watch.h"

#include <algorithm>
#include <vector>

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t batches_to_know = 10;
constexpr std::size_t batches_remembered = 200;
constexpr std::size_t batches_compared = 8;
constexpr int slow_to_tell = 7;  // one that was quick by chance does not hide it
constexpr double collapse = 5;   // a busy server makes batches two or three times slower, which is no fault
constexpr double recovery = 2;
constexpr auto long_batch = 5s;  // a normal one takes a hundredth of it

double in_seconds(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

double RateWatch::Usual::median_of(double Past::*member) const {
  std::vector<double> values;
  values.reserve(batches.size());
  for (const Past& batch : batches) values.push_back(batch.*member);
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

bool RateWatch::Usual::is_known() const {
  return batches.size() >= batches_to_know;
}

bool RateWatch::has_usual() const {
  return usual_[kind_].is_known();
}

double RateWatch::usual() const {
  return has_usual() ? usual_[kind_].median_of(&Past::rate) : 0;
}

RateWatch::Change RateWatch::observe(const TimedBatch& batch) {
  const double seconds = in_seconds(batch.took);
  if (batch.rows <= 0 || seconds <= 0) return Change::none;
  kind_ = 2 * batch.moved >= batch.rows ? 1 : 0;
  if (batch.limited) return Change::none;
  Usual& usual = usual_[kind_];
  const double rate = static_cast<double>(batch.rows) / seconds;
  const Past past{rate, rate * batch.workers, seconds};
  if (usual.is_known()) {
    // More workers share the server's cores, fewer do not move more each: it must be slow by either measure.
    const double share =
        std::max(past.rate / usual.median_of(&Past::rate), past.all_rate / usual.median_of(&Past::all_rate));
    if (share * collapse < 1) {
      // What a batch costs however few its rows are rules a small one: that it is slow for each row means
      // nothing.
      if (seconds * 2 < usual.median_of(&Past::seconds)) return Change::none;
      recent_ = rate;
      return judge(true);
    }
    if (collapsed_ && share * recovery < 1) return Change::none;  // better, not well
  }
  recent_ = rate;
  usual.batches.push_back(past);
  if (usual.batches.size() > batches_remembered) usual.batches.pop_front();
  return judge(false);
}

RateWatch::Change RateWatch::observe_failure(std::chrono::microseconds took, bool limited) {
  const Usual& usual = usual_[kind_];
  if (limited || !usual.is_known()) return Change::none;
  if (in_seconds(took) * 2 < usual.median_of(&Past::seconds)) return Change::none;
  recent_ = 0;
  return judge(true);
}

RateWatch::Change RateWatch::observe_running(std::int64_t rows, std::chrono::microseconds elapsed,
                                             bool limited) {
  const Usual& usual = usual_[kind_];
  if (collapsed_ || limited || !usual.is_known() || elapsed < long_batch) return Change::none;
  const double most = static_cast<double>(rows) / in_seconds(elapsed);
  if (most * collapse >= usual.median_of(&Past::rate)) return Change::none;
  recent_ = most;
  collapsed_ = true;
  return Change::collapsed;
}

RateWatch::Change RateWatch::judge(bool slow) {
  window_.push_back(slow);
  if (window_.size() > batches_compared) window_.pop_front();
  slow_ = static_cast<int>(std::count(window_.begin(), window_.end(), true));
  if (!collapsed_ && slow_ >= slow_to_tell) {
    collapsed_ = true;
    return Change::collapsed;
  }
  if (collapsed_ && slow_ == 0 && window_.size() == batches_compared) {
    collapsed_ = false;
    return Change::recovered;
  }
  return Change::none;
}

}  // namespace dbtool::online
