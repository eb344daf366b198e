#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ledger/run_lock.h"
#include "ledger/work.h"
#include "model/project.h"
#include "run/lock_watch.h"
#include "run/plan.h"
#include "run/step_guard.h"

namespace dbtool::run {

/// How the online steps of a plan are wished to run.
struct OnlineWish {
  int workers = 1;                                        ///< or online::auto_workers
  std::optional<std::chrono::milliseconds> batch_time{};  ///< nullopt: by what the batches do
  /// Reads throttle settings that another terminal wishes; none: such wishes are not heeded.
  std::function<ThrottleSettings(const std::string&)> read_throttle{};
};

/// What executing a plan needs beyond the run's work.
struct Execution {
  ledger::Work& work;
  ledger::RunLock& lock;
  const Project& project;
  LockWatch& watch;
  OnlineWish online{};
  std::size_t steps_done = 0;  ///< of the plan, from its first on
  StepGuard* guard = nullptr;  ///< looks on; nullptr: nobody
};

/// Runs the steps of a plan in order, each to its end, and stops at the first that fails. Throws StepError,
/// which names the version that the database is left at; Error (stopped) at a safe point when a stop is
/// wished.
void execute(Execution& execution, const Plan& plan);

/// Runs one version's transaction: locks under a short timeout and retries, then the work, then COMMIT alone.
void run_transaction(Execution& execution, const TransactionStep& step);

/// Runs a version statement by statement from the position reached, then its last transaction.
void run_statements(Execution& execution, const StatementsStep& step);

/// Sees that the run lock is held, and notes the session that holds it where it had to be taken again.
void confirm_lock(Execution& execution);

/// The line that says in what state the database is: "DATABASE IS AT 19. Nothing of 20 remains."
std::string state_after_rollback(const TransactionStep& step);

}  // namespace dbtool::run
