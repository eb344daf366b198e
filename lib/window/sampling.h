#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "window/sampler.h"

namespace dbtool::window {

/// What the looks are for.
enum class Detail {
  fine,    ///< a rehearsal: its curve is to tell all of a step of seconds, and nobody else is there
  gentle,  ///< a run: the services are to feel nothing of it
};

/// Looks at a step again and again, on a thread of its own: often at first, then so seldom that it costs a
/// fraction of a percent of the server's time. May be used by one thread.
class Sampling {
 public:
  /// `take` is called on the sampling thread, never by two at once and never after end() has returned.
  Sampling(const pg::Address& address, Clock& clock, Detail detail, std::function<void(const Sample&)> take);
  Sampling(const Sampling&) = delete;
  Sampling& operator=(const Sampling&) = delete;
  ~Sampling();

  /// As Sampler's; wait for a look that is under way, and take the first one before they return.
  void begin(int backend_pid);
  void works(int backend_pid);
  /// As Sampler::end. Until the next begin() nobody looks.
  Sample end();

  bool tells_own_wal();

 private:
  void run(const std::stop_token& stop);

  Clock& clock_;
  Detail detail_;
  std::function<void(const Sample&)> take_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  Sampler sampler_;
  bool looks_ = false;
  int taken_ = 0;                      ///< looks since begin()
  Clock::Monotonic::duration cost_{};  ///< of a look
  Clock::Monotonic began_{};
  std::jthread thread_;
};

/// How long to wait after the look of that number (1 is the first), which took `cost`, so long after the step
/// began.
std::chrono::milliseconds pause_after(Detail detail, int look, Clock::Monotonic::duration cost,
                                      Clock::Monotonic::duration elapsed);

}  // namespace dbtool::window
