#include "online/supply.h"

#include <algorithm>

namespace dbtool::online {

Supply::Supply(std::vector<std::unique_ptr<Lane>> lanes, int next_range) : next_range_(next_range) {
  for (std::unique_ptr<Lane>& lane : lanes)
    if (!lane->done()) free_.push_back(std::move(lane));
  std::reverse(free_.begin(), free_.end());
}

std::unique_ptr<Lane> Supply::take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    wanting_ = taken_ > 0;
    return nullptr;
  }
  std::unique_ptr<Lane> next = std::move(free_.back());
  free_.pop_back();
  ++taken_;
  return next;
}

void Supply::bring_back(std::unique_ptr<Lane> lane) {
  const std::lock_guard lock(mutex_);
  --taken_;
  if (!lane->done()) free_.push_back(std::move(lane));
  if (free_.empty() && taken_ == 0) done_.notify_all();
}

void Supply::add(std::unique_ptr<Lane> lane) {
  const std::lock_guard lock(mutex_);
  wanting_ = false;
  free_.push_back(std::move(lane));
}

bool Supply::is_done() const {
  const std::lock_guard lock(mutex_);
  return free_.empty() && taken_ == 0;
}

bool Supply::wait_done(std::chrono::milliseconds longest) const {
  std::unique_lock lock(mutex_);
  return done_.wait_for(lock, longest, [this] { return free_.empty() && taken_ == 0; });
}

bool Supply::is_wanting() const {
  const std::lock_guard lock(mutex_);
  return wanting_ && free_.empty();
}

int Supply::new_range() {
  const std::lock_guard lock(mutex_);
  return next_range_++;
}

}  // namespace dbtool::online
