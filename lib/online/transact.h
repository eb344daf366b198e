#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "ledger/doubt.h"
#include "ledger/session.h"
#include "ledger/work.h"
#include "pg/transaction.h"

namespace dbtool::online {

/// The start of every transaction of an online migration: session, fence, and the formats that keep keys
/// exact.
std::vector<pg::Statement> transaction_setup(const ledger::Session& session, const ledger::Fence& fence,
                                             int server_version);

/// Commits. A stop is heeded only when the answer is long in coming, as where a synchronous replica is gone:
/// then the wait for it is given up. Throws as Transaction::commit does.
void commit(ledger::Work& work, pg::Transaction& transaction);

/// Sleeps, and throws Error (stopped) as soon as a stop is wished.
void wait(ledger::Work& work, std::chrono::milliseconds pause);

/// Runs `attempt` in a transaction of its own and commits it; gives back what it returned. Deadlocks with the
/// services and their like are repeated, a lost connection is opened again; an attempt whose commit is in
/// doubt is repeated unless `was_committed` says that the database has it (then an empty value is given
/// back).
template <class Attempt, class WasCommitted>
auto transact(ledger::Work& work, const ledger::Fence& fence, const std::function<void()>& confirm_lock,
              const Attempt& attempt, const WasCommitted& was_committed) -> decltype(attempt()) {
  using namespace std::chrono_literals;
  constexpr int repeats = 30;
  for (int attempts = 1;; ++attempts) {
    try {
      // It may take long: a stop is heeded at once.
      work.connection.on_wait([&] { work.interrupts.stop_if_requested(); });
      pg::Transaction transaction(work.connection, "isolation level read committed",
                                  transaction_setup(work.session, fence, work.connection.server_version()));
      auto result = attempt();
      commit(work, transaction);
      return result;
    } catch (const pg::PgError& error) {
      work.connection.on_wait({});
      if (attempts >= repeats) throw;
      if (error.is_connection_lost()) {
        const bool committed = ledger::was_committed(
            work, [&](pg::Connection& asked) { return was_committed(asked); },
            [&] { work.interrupts.stop_if_requested(); });
        confirm_lock();
        if (committed) return {};
      } else if (!error.is_repeatable()) {
        throw;
      }
      wait(work, 50ms * attempts);
    }
  }
}

/// The same, for what may be done twice.
template <class Attempt>
auto transact(ledger::Work& work, const ledger::Fence& fence, const std::function<void()>& confirm_lock,
              const Attempt& attempt) -> decltype(attempt()) {
  return transact(work, fence, confirm_lock, attempt, [](pg::Connection&) { return false; });
}

}  // namespace dbtool::online
