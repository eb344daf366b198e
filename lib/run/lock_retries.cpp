#include "run/lock_retries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/duration.h"

namespace dbtool::run {

namespace {

using namespace std::chrono_literals;

constexpr auto not_repeated_after = 10s;
constexpr auto autovacuum_margin = 200ms;  // over deadlock_timeout, below which autovacuum never gives way

std::chrono::milliseconds pause_before(int attempt) {
  // Growing and with jitter: a periodic query must not meet every try.
  static thread_local std::minstd_rand random{std::random_device{}()};
  const double base = std::min(10'000.0, 200.0 * std::pow(1.5, attempt - 1));
  return std::chrono::milliseconds(
      static_cast<int>(base * std::uniform_real_distribution<>(0.5, 1.5)(random)));
}

// Sleeps in pieces, so that a wish to stop is heeded at once.
void wait(ledger::Work& work, std::chrono::milliseconds pause) {
  const auto until = work.clock.now() + pause;
  while (work.clock.now() < until) {
    work.interrupts.stop_if_requested();
    work.clock.sleep(std::min<std::chrono::milliseconds>(50ms, pause));
  }
}

}  // namespace

LockRetries::LockRetries(Execution& execution, int version)
    : execution_(execution), version_(version), lock_timeout_(execution.project.settings.lock_timeout) {}

void LockRetries::give_autovacuum_time() {
  autovacuum_tried_ = true;
  ledger::Work& work = execution_.work;
  const pg::Result timeout =
      work.connection.query("select setting::integer from pg_settings where name = 'deadlock_timeout'");
  lock_timeout_ = std::chrono::milliseconds(timeout.integer(0, 0)) + autovacuum_margin;
  work.observer(
      Message{Message::Level::warning,
              fmt::format("autovacuum stands in the way and gives way only to one who waits {}: one "
                          "try with that timeout; the services may wait as long",
                          dbtool::to_text(lock_timeout_))});
}

bool LockRetries::pause_after(const pg::PgError& error, Clock::Monotonic::duration worked) {
  const int attempts = std::max(1, execution_.project.settings.lock_retries);
  if (!error.is_repeatable() || worked > not_repeated_after || attempt_ >= attempts) return false;
  const std::vector<Blocker>& blockers = execution_.watch.blockers();
  const bool autovacuum =
      std::any_of(blockers.begin(), blockers.end(), [](const Blocker& b) { return b.autovacuum; });
  lock_timeout_ = execution_.project.settings.lock_timeout;
  if (error.is_lock_timeout() && autovacuum && !autovacuum_tried_) give_autovacuum_time();
  const LockRetry retry{version_, attempt_, attempts, error.what(), pause_before(attempt_), blockers};
  execution_.work.observer(retry);
  wait(execution_.work, retry.pause);
  ++attempt_;
  return true;
}

}  // namespace dbtool::run
