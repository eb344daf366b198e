#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "online/throttle/reading.h"

namespace dbtool::online {

/// What the person or the engine wants, if nothing slows it.
struct Wish {
  int workers = 1;
  std::chrono::milliseconds batch_time{50};
};

/// How much may be done until the next observation.
struct Limits {
  int workers = 1;                         ///< 0: no batch may begin
  std::chrono::milliseconds batch_time{};  ///< target of one batch
  std::chrono::milliseconds pause{};       ///< of each worker after each batch
  std::string reason;                      ///< what slows; "" when all that is wished may be done
};

/// Turns observations into limits: the most loaded signal rules. What is too much costs workers first, then
/// length of batches, then pauses; it comes back in the reverse order, slower than it went, and slower again
/// when it came back too soon. It never stands still for a signal that is not hard: a small batch now and
/// then goes on. For a hard one nothing moves, at once.
///
/// Use: `react` after each observation; see Throttle.
class Reaction {
 public:
  /// Times that decide how it feels; the defaults fit an observation every half second.
  struct Pace {
    /// Load under which it is calm; between it and 1 all stays as it is.
    double calm = 0.8;
    /// A step must have had time to show before the next one.
    std::chrono::milliseconds slow_down{1000};
    /// So long it must be calm before a step back.
    std::chrono::milliseconds recover{5000};
    /// So long at most, when steps back were too soon.
    std::chrono::milliseconds longest_recovery{60000};
    std::chrono::milliseconds least_batch_time{10};
    std::chrono::milliseconds first_pause{10};
    std::chrono::milliseconds longest_pause{5000};
  };

  Reaction() : Reaction(Pace{}) {}
  explicit Reaction(const Pace& pace) : pace_(pace), recovery_(pace.recover) {}

  Limits react(Clock::Monotonic now, const Wish& wish, const Observation& observation);

 private:
  void fit(const Wish& wish);
  void halt_or_go_on(Clock::Monotonic now, const Reading* ruling);
  void heed(Clock::Monotonic now, const Wish& wish, const Reading* ruling);
  void slow_down(Clock::Monotonic now, const Wish& wish, const Reading& ruling);
  void recover(Clock::Monotonic now);
  bool is_slowed() const { return workers_less_ > 0 || halvings_ > 0 || pauses_ > 0; }
  /// The wished time of a batch after so many halvings.
  std::chrono::milliseconds shortened(const Wish& wish, int halvings) const;
  std::chrono::milliseconds pause() const;
  Limits limits(const Wish& wish, const Reading* ruling) const;

  Pace pace_;
  int workers_less_ = 0;
  int halvings_ = 0;                    ///< of the batch time
  int pauses_ = 0;                      ///< the pause is doubled so often, from 1 on
  std::chrono::milliseconds recovery_;  ///< present time between steps back
  std::string cause_{};                 ///< text of the reading that slowed last

  Clock::Monotonic next_step_{};                  ///< no further step down before
  std::optional<Clock::Monotonic> loaded_at_{};   ///< last
  std::optional<Clock::Monotonic> calm_since_{};  ///< or since the last step back
  std::optional<Clock::Monotonic> stepped_back_at_{};
  std::optional<Clock::Monotonic> halted_at_{};  ///< last hard reading; nothing moves while it is set
};

}  // namespace dbtool::online
