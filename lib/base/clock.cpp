#include "base/clock.h"

#include <thread>

namespace dbtool {

Clock::Monotonic SystemClock::now() const {
  return std::chrono::steady_clock::now();
}

Clock::Wall SystemClock::wall() const {
  return std::chrono::system_clock::now();
}

void SystemClock::sleep(std::chrono::milliseconds duration) {
  std::this_thread::sleep_for(duration);
}

}  // namespace dbtool
