#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "online/throttle/signal.h"

namespace dbtool::online {

/// Replicas that were there and are gone: each counts as loaded for a while, so that it can catch up, then no
/// more, because it may never come back.
class Absence {
 public:
  /// `signal`: whose readings they are.
  Absence(std::string signal, std::chrono::milliseconds patience)
      : signal_(std::move(signal)), patience_(patience) {}

  /// Which timeline the primary is on. Another one than before: a replica was promoted, and those of the old
  /// primary, of which it was one, are forgotten.
  void follow(std::string_view timeline);
  /// The replica is there.
  void see(const std::string& replica, Clock::Monotonic now);
  /// Adds readings and warnings about those that were not seen at `now`.
  void judge(Clock::Monotonic now, Answer& answer);

 private:
  struct Seen {
    Clock::Monotonic last{};
    bool warned = false;
  };
  std::string signal_;
  std::chrono::milliseconds patience_;
  std::string timeline_;
  std::map<std::string, Seen> seen_;
};

}  // namespace dbtool::online
