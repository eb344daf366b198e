#pragma once

#include <chrono>

namespace dbtool {

/// The time, passed in wherever it is needed, so that tests can simulate hours.
class Clock {
 public:
  using Monotonic = std::chrono::steady_clock::time_point;
  using Wall = std::chrono::system_clock::time_point;

  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// Never goes back; the only one to measure or count with.
  virtual Monotonic now() const = 0;
  /// For people and the ledger only.
  virtual Wall wall() const = 0;
  virtual void sleep(std::chrono::milliseconds duration) = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  Monotonic now() const override;
  Wall wall() const override;
  void sleep(std::chrono::milliseconds duration) override;
};

/// A clock that moves only when told to, or when somebody sleeps on it.
class SimulatedClock final : public Clock {
 public:
  Monotonic now() const override { return now_; }
  Wall wall() const override { return wall_; }
  void sleep(std::chrono::milliseconds duration) override { advance(duration); }
  void advance(std::chrono::milliseconds duration) {
    now_ += duration;
    wall_ += duration;
  }

 private:
  Monotonic now_{};
  Wall wall_{};
};

}  // namespace dbtool
