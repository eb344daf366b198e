#include "online/orders.h"

namespace dbtool::online {

void Orders::wish(const Wish& wish) {
  {
    const std::lock_guard lock(mutex_);
    if (wish == wish_) return;
    wish_ = wish;
  }
  changed_.notify_all();
}

Orders::Wish Orders::wished() const {
  const std::lock_guard lock(mutex_);
  return wish_;
}

void Orders::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

bool Orders::is_stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

bool Orders::may_work(int number) const {
  const std::lock_guard lock(mutex_);
  return !stopped_ && !wish_.paused && number < wish_.workers;
}

void Orders::wait(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  if (!stopped_) changed_.wait_for(lock, longest);
}

}  // namespace dbtool::online
