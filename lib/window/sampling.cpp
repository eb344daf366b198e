#include "window/sampling.h"

#include <algorithm>
#include <utility>

namespace dbtool::window {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

milliseconds pause_after(Clock::Monotonic::duration cost, Clock::Monotonic::duration elapsed) {
  // A step of seconds is to be seen in some detail; of one that takes longer, a percent of its time is
  // enough.
  const auto wanted = std::clamp(std::chrono::duration_cast<milliseconds>(elapsed / 100), 50ms, 5000ms);
  const auto affordable = std::chrono::duration_cast<milliseconds>(cost * (elapsed < 10s ? 20 : 200));
  return std::max(wanted, std::min(affordable, milliseconds(30s)));
}

Sampling::Sampling(const pg::Address& address, Clock& clock, std::function<void(const Sample&)> take)
    : clock_(clock),
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
    wake_.wait_for(lock, stop, pause_after(now - asked, now - began),
                   [this, began] { return !looks_ || began_ != began; });
  }
}

}  // namespace dbtool::window
