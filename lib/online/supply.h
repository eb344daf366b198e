#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "online/lane.h"

namespace dbtool::online {

/// The lanes of a pass that are still to be worked through. Workers take one and bring it back. Safe for
/// several threads.
///
/// What a lane says of its position is true of the server that it was worked on. Connections have a
/// generation, which grows when one is lost: the server may be another one then, which lacks what was
/// committed last.
class Supply {
 public:
  struct Taken {
    std::unique_ptr<Lane> lane;  ///< nullptr: there is none at the moment, or none any more
    bool of_other_generation = false;
  };

  /// `next_range`: the first number that no range of the pass has.
  Supply(std::vector<std::unique_ptr<Lane>> lanes, int next_range);

  /// The next lane, for a connection of that generation.
  Taken take(int generation);
  /// Brings a lane back, at its end or not, worked on by a connection of that generation.
  void bring_back(std::unique_ptr<Lane> lane, int generation);
  /// A part was cut off a lane that somebody works on, by a connection of that generation.
  void add(std::unique_ptr<Lane> lane, int generation);

  /// Of connections that are opened now.
  int generation() const;
  void connection_was_lost();

  /// Every lane is at its end.
  bool is_done() const;
  /// Waits for that, but not longer than told.
  bool wait_done(std::chrono::milliseconds longest) const;
  /// Somebody has found nothing to take while others work on: they may cut theirs in two.
  bool is_wanting() const;
  int new_range();

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable done_;
  struct Free {
    std::unique_ptr<Lane> lane;
    int generation;
  };
  std::vector<Free> free_;  ///< the next one is the last
  int generation_ = 0;
  int taken_ = 0;
  int next_range_;
  bool wanting_ = false;
};

}  // namespace dbtool::online
