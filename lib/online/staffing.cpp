#include "online/staffing.h"

namespace dbtool::online {

namespace {

using namespace std::chrono_literals;

constexpr auto warm_up = 2s;
constexpr auto span = 4s;
constexpr auto until_next_trial = 120s;  // after one that did not help: the load of a server changes
constexpr double worth_it = 1.10;

}  // namespace

void Staffing::begin_span(Clock::Monotonic now, double rows) {
  since_ = now;
  rows_ = rows;
  settled_ = false;
}

int Staffing::observe(Clock::Monotonic now, double rows, bool limited) {
  if (!began_ || limited) {
    began_ = true;
    workers_ = kept_;
    begin_span(now, rows);
    return workers_;
  }
  if (!settled_) {
    if (now - since_ < warm_up) return workers_;
    begin_span(now, rows);
    settled_ = true;
    return workers_;
  }
  if (now - since_ < span) return workers_;
  const double rate = (rows - rows_) / std::chrono::duration<double>(now - since_).count();
  if (workers_ > kept_) {
    if (rate < kept_rate_ * worth_it) {
      workers_ = kept_;
      next_trial_ = now + until_next_trial;
      begin_span(now, rows);
      return workers_;
    }
    kept_ = workers_;
  }
  kept_rate_ = rate;
  if (workers_ < most_ && now >= next_trial_) ++workers_;
  begin_span(now, rows);
  return workers_;
}

}  // namespace dbtool::online
