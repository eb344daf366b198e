#include "window/sampling.h"

#include <algorithm>
#include <utility>

namespace dbtool::window {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

milliseconds pause_after(Detail detail, int look, Clock::Monotonic::duration cost,
                         Clock::Monotonic::duration elapsed) {
  // Of a step that takes long, a percent of its time is detail enough.
  const auto wanted = std::clamp(std::chrono::duration_cast<milliseconds>(elapsed / 100), 50ms, 5000ms);
  // The first looks tell early what the rest is like.
  constexpr int first_looks = 10;
  const bool often = detail == Detail::fine ? elapsed < 10s : look <= first_looks;
  const auto affordable = std::chrono::duration_cast<milliseconds>(cost * (often ? 20 : 450));
  return std::max(wanted, std::min(affordable, milliseconds(30s)));
}

Sampling::Sampling(const pg::Address& address, Clock& clock, Detail detail,
                   std::function<void(const Sample&)> take)
    : clock_(clock),
      detail_(detail),
      take_(std::move(take)),
      sampler_(address, clock),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Sampling::~Sampling() {
  thread_.request_stop();
  wake_.notify_all();
}

void Sampling::begin(int backend_pid) {
  const std::lock_guard lock(mutex_);
  sampler_.begin(backend_pid);
  began_ = clock_.now();
  taken_ = 0;
  looks_ = true;
  wake_.notify_all();
}

void Sampling::works(int backend_pid) {
  const std::lock_guard lock(mutex_);
  sampler_.works(backend_pid);
}

Sample Sampling::end() {
  const std::lock_guard lock(mutex_);
  looks_ = false;
  return sampler_.end();
}

bool Sampling::tells_own_wal() {
  const std::lock_guard lock(mutex_);
  return sampler_.tells_own_wal();
}

void Sampling::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!wake_.wait(lock, stop, [this] { return looks_; })) return;
    const auto asked = clock_.now();
    if (const std::optional<Sample> sample = sampler_.look()) take_(*sample);
    const auto now = clock_.now();
    const auto began = began_;
    // A look that had to wait for a processor has not used one: what it costs is what the quickest of late
    // took.
    cost_ = taken_++ == 0 ? now - asked : std::min(now - asked, cost_ + cost_ / 10);
    wake_.wait_for(lock, stop, pause_after(detail_, taken_, cost_, now - began),
                   [this, began] { return !looks_ || began_ != began; });
  }
}

}  // namespace dbtool::window
