#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "online/worker.h"

namespace dbtool::online {

/// The workers of a pass and their threads. For one thread, which makes, watches and ends them.
class Crew {
 public:
  /// Workers open `address`; `batch_size`: what earlier batches had, 0: unknown.
  Crew(Shop& shop, pg::Address address, int batch_size);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();

  /// Sees to it that there are that many; those that are too many wait. Where a connection more cannot be
  /// had, those that are there go on, and it is tried again later; throws only when there is none.
  void have(int workers);
  /// Ends all after the batch at hand, waits for it, and throws what one of them threw.
  void end();
  /// One of them has thrown.
  bool has_failed() const;

  std::vector<int> backend_pids() const;
  /// Workers whose batch has lasted longer than that.
  std::vector<int> backend_pids_busy_for(std::chrono::milliseconds longer) const;
  /// How long the batch that is under way longest has been, and the rows it was asked for.
  std::pair<std::chrono::microseconds, int> longest_batch() const;
  int batch_size() const;
  std::chrono::microseconds batch_time() const;

 private:
  void run(Worker& worker);

  Shop& shop_;
  pg::Address address_;
  int batch_size_;
  mutable std::mutex mutex_;
  std::exception_ptr failure_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Clock::Monotonic next_opening_{};
  std::vector<std::jthread> threads_;
};

}  // namespace dbtool::online
