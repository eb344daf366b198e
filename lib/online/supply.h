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
class Supply {
 public:
  /// `next_range`: the first number that no range of the pass has.
  Supply(std::vector<std::unique_ptr<Lane>> lanes, int next_range);

  /// The next lane; nullptr: there is none at the moment, or none any more.
  std::unique_ptr<Lane> take();
  /// Brings a lane back, at its end or not.
  void bring_back(std::unique_ptr<Lane> lane);
  /// A part was cut off a lane that somebody works on.
  void add(std::unique_ptr<Lane> lane);

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
  std::vector<std::unique_ptr<Lane>> free_;  ///< the next one is the last
  int taken_ = 0;
  int next_range_;
  bool wanting_ = false;
};

}  // namespace dbtool::online
