#include "online/crew.h"

#include <csignal>

#include <utility>

#include <fmt/format.h>

#include "base/duration.h"

namespace dbtool::online {

namespace {

constexpr std::chrono::milliseconds between_openings = std::chrono::seconds(30);

}  // namespace

Crew::Crew(Shop& shop, pg::Address address, int batch_size)
    : shop_(shop), address_(std::move(address)), batch_size_(batch_size) {}

Crew::~Crew() {
  shop_.orders.stop();
}

void Crew::have(int workers) {
  while (static_cast<int>(workers_.size()) < workers && shop_.clock.now() >= next_opening_) {
    const int size = workers_.empty() ? batch_size_ : batch_size();
    try {
      workers_.push_back(std::make_unique<Worker>(shop_, static_cast<int>(workers_.size()),
                                                  pg::Connection::open(address_), size));
    } catch (const pg::PgError& error) {
      if (workers_.empty()) throw;
      next_opening_ = shop_.clock.now() + between_openings;
      shop_.tell(
          Message{Message::Level::warning,
                  fmt::format("{} of {} workers: no connection for another one ({}); it is tried again in {}",
                              workers_.size(), workers, error.what(), dbtool::to_text(between_openings))});
      return;
    }
    threads_.emplace_back([this, worker = workers_.back().get()] { run(*worker); });
  }
}

void Crew::run(Worker& worker) {
  // Signals are for the thread that decides.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  try {
    worker.work();
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    shop_.orders.stop();
  }
}

void Crew::end() {
  shop_.orders.stop();
  threads_.clear();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

bool Crew::has_failed() const {
  const std::lock_guard lock(mutex_);
  return failure_ != nullptr;
}

std::vector<int> Crew::backend_pids() const {
  std::vector<int> pids;
  for (const auto& worker : workers_) pids.push_back(worker->backend_pid());
  return pids;
}

std::vector<int> Crew::backend_pids_busy_for(std::chrono::milliseconds longer) const {
  std::vector<int> pids;
  const auto since = (shop_.clock.now() - longer).time_since_epoch().count();
  for (const auto& worker : workers_) {
    const auto busy_since = worker->busy_since();
    if (busy_since != 0 && busy_since < since) pids.push_back(worker->backend_pid());
  }
  return pids;
}

std::pair<std::chrono::microseconds, int> Crew::longest_batch() const {
  std::pair<std::chrono::microseconds, int> longest{};
  const auto now = shop_.clock.now().time_since_epoch();
  for (const auto& worker : workers_) {
    const auto since = worker->busy_since();
    if (since == 0) continue;
    const auto busy =
        std::chrono::duration_cast<std::chrono::microseconds>(now - Clock::Monotonic::duration(since));
    if (busy > longest.first) longest = {busy, worker->batch_size()};
  }
  return longest;
}

int Crew::batch_size() const {
  return workers_.empty() ? batch_size_ : workers_.front()->batch_size();
}

std::chrono::microseconds Crew::batch_time() const {
  return workers_.empty() ? std::chrono::microseconds{} : workers_.front()->recent_batch_time();
}

}  // namespace dbtool::online
