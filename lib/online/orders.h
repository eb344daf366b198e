#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "online/pace.h"

namespace dbtool::online {

/// What the engine wants of its workers at the moment; each heeds it before its next batch. Safe for several
/// threads.
class Orders {
 public:
  struct Wish {
    int workers = 1;
    std::chrono::milliseconds batch_time = default_batch_time;
    std::chrono::milliseconds pause{};  ///< of each worker after each batch
    bool paused = false;                ///< until further notice

    bool operator==(const Wish&) const = default;
  };

  void wish(const Wish& wish);
  Wish wished() const;

  /// Ends the work: no worker begins another batch.
  void stop();
  bool is_stopped() const;

  /// Whether worker `number` (from 0) may begin a batch now.
  bool may_work(int number) const;
  /// Waits until something changes, or for a while.
  void wait(std::chrono::milliseconds longest);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Wish wish_;
  bool stopped_ = false;
};

}  // namespace dbtool::online
