#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "ledger/doubt.h"
#include "ledger/write.h"
#include "online/key.h"
#include "pg/transaction.h"
#include "run/execute.h"
#include "run/lock_retries.h"
#include "run/step_error.h"
#include "run/step_sql.h"

namespace dbtool::run {

namespace {

/// One attempt at the transaction of a step.
class Attempt {
 public:
  Attempt(Execution& execution, const TransactionStep& step, std::chrono::milliseconds lock_timeout)
      : execution_(execution), work_(execution.work), step_(step), lock_timeout_(lock_timeout) {}

  void run() {
    began_ = work_.clock.now();
    execution_.watch.begin(work_.connection.backend_pid(), lock_timeout_);
    if (execution_.guard != nullptr) execution_.guard->works(work_.connection.backend_pid());
    work_.connection.on_wait([this] {
      execution_.watch.poll();
      if (execution_.guard != nullptr) execution_.guard->poll();
      work_.interrupts.cancel_if_requested(began_, work_.observer);
    });
    pg::Transaction transaction(work_.connection, "isolation level read committed",
                                setup_of(step_, sending()));
    work_.connection.batch(lock_statements(step_, lock_timeout_));
    locked_ = true;
    execution_.watch.begin(work_.connection.backend_pid(), lock_timeout_);
    send_work();
    confirm_walk();
    if (execution_.guard != nullptr) execution_.guard->before_commit();
    work_.connection.on_wait({});
    transaction.commit();
  }

  Clock::Monotonic::duration elapsed() const { return work_.clock.now() - began_; }
  /// The failing piece of the project, if it was one; nullptr: the frame around it.
  const Piece* failed_piece(const pg::PgError& error) const {
    if (!locked_) return nullptr;
    const auto& positions = step_work_.positions;
    const auto found = std::find(positions.begin(), positions.end(), error.fields().statement_index);
    return found == positions.end() ? nullptr
                                    : &step_work_.pieces[static_cast<std::size_t>(found - positions.begin())];
  }

 private:
  Sending sending() const {
    return {work_.session, work_.run, execution_.project.settings.user_prefix, lock_timeout_,
            work_.connection.server_version()};
  }

  void send_work() {
    step_work_ = work_of(step_, sending());
    const std::vector<pg::Result> results = work_.connection.batch(step_work_.statements);
    for (std::size_t index = 0; index < step_work_.pieces.size(); ++index) {
      const Piece& piece = step_work_.pieces[index];
      if (piece.is_verify) verify(piece, results[step_work_.positions[index]]);
    }
  }

  // The online part comes after this transaction, either way. A script that drops what is walked, a way back
  // that does so above all, would leave rows nowhere, and an online part that can never be done.
  void confirm_walk() {
    const std::optional<OnlineDeclaration>& declared = step_.version->online(step_.direction);
    if (!declared) return;
    locked_ = false;  // what fails here is no piece of the script
    try {
      online::read_key(work_.connection, *declared);
    } catch (const pg::PgError&) {
      throw;
    } catch (const Error& error) {
      const int number = step_.version->number;
      // The way back is taken from the ledger where the file is another.
      const std::string record =
          fmt::format("; a mended file is recorded by dbtool upgrade {0} --accept-changed {0}", number);
      throw StepError(
          error.exit_code(),
          fmt::format("version {}: its online {} could not begin: {}", number, to_text(step_.direction),
                      error.what()),
          error.advice() + (step_.direction == Direction::downgrade ? record : ""),
          {number, step_.direction, declared->place, {}, std::nullopt, state_after_rollback(step_)});
    }
  }

  void verify(const Piece& piece, const pg::Result& result) const {
    bool all_true = result.rows() > 0;
    for (int row = 0; row < result.rows(); ++row) {
      for (int column = 0; column < result.columns(); ++column) all_true &= result.boolean(row, column);
    }
    if (all_true) return;
    const std::string value = result.rows() == 0 ? "no row"
                              : result.is_null(0, 0)
                                  ? "null"
                                  : fmt::format("{}", result.text(0, 0) == "f" ? "false" : result.text(0, 0));
    throw StepError(
        ExitCode::failed,
        fmt::format("version {}: {} returned {}: {}", step_.version->number, piece.name, value,
                    piece.statement.sql),
        "the step was rolled back; find out why the query is not true, and run the same command again",
        {step_.version->number,
         step_.direction,
         piece.parts.front().text->place,
         {},
         std::nullopt,
         state_after_rollback(step_)});
  }

  Execution& execution_;
  ledger::Work& work_;
  const TransactionStep& step_;
  std::chrono::milliseconds lock_timeout_;
  Clock::Monotonic began_{};
  bool locked_ = false;  ///< and in the work of the step
  StepWork step_work_;
};

/// What to do about a statement that failed, where nothing more is known of it than the server's SQLSTATE.
std::string advice_about(const pg::PgError& error) {
  const char* again = "then run the same command again";
  if (error.is_connection_lost()) return "when the server is back, run the same command again";
  if (error.is("57014"))
    return fmt::format("somebody cancelled it, or a timeout did; see to it that nobody does, {}", again);
  if (error.is("53100")) return fmt::format("make room on the server's disk, {}", again);
  if (error.fields().sqlstate.starts_with("53"))
    return fmt::format("give the server more of what it lacks, or let the file need less, {}", again);
  // Something is there that should not be, or the other way round.
  constexpr const char* about_objects[] = {"42P01", "42703", "42704", "42883", "42P06",
                                           "42P07", "42701", "42710", "42723", "2BP01"};
  if (std::any_of(std::begin(about_objects), std::end(about_objects),
                  [&](const char* state) { return error.is(state); }))
    return fmt::format(
        "mend the file, or what somebody has changed in the database (dbtool check --full says what), {}",
        again);
  if (error.is_permission_denied())
    return fmt::format("give the role that right, or mend the file, {}", again);
  return "mend the file and run the same command again";
}

[[noreturn]] void fail(Execution& execution, const TransactionStep& step, const Attempt& attempt,
                       const pg::PgError& error) {
  const Piece* piece = attempt.failed_piece(error);
  std::string message = fmt::format("version {}", step.version->number);
  if (piece != nullptr) message += ": " + piece->name;
  message += ": " + (error.fields().message.empty() ? std::string(error.what()) : error.fields().message);
  std::string advice = error.advice();
  if (error.is_lock_timeout()) {
    message += fmt::format("; blocked by {}", describe(execution.watch.blockers()));
    advice =
        "let the blocker end, or end it (select pg_terminate_backend(pid)), then run the same command again";
  } else if (error.is(ledger::fenced_state)) {
    throw Error(ExitCode::busy, fmt::format("version {}: {}", step.version->number, error.what()),
                "see what it does: dbtool status --watch");
  } else if (error.is(ledger::wrong_version_state)) {
    throw StepError(
        ExitCode::failed, message,
        "another tool moved the version row in the meantime; look at it with `dbtool status`",
        {step.version->number, step.direction, {}, {}, error.fields(), "Nothing was done by this step."});
  } else if (advice.empty()) {
    advice = advice_about(error);
  }
  const Location location =
      piece == nullptr ? Location{} : locate(*piece, error.fields(), execution.project.settings.user_prefix);
  throw StepError(error.exit_code(), message, advice,
                  {step.version->number, step.direction, location.place, location.source_line, error.fields(),
                   state_after_rollback(step)});
}

// The answer to COMMIT was lost: ask the database.
bool was_committed(Execution& execution, const TransactionStep& step) {
  ledger::Work& work = execution.work;
  const auto asked = [&](pg::Connection& connection) {
    // The first version makes the version table: where there is none, it was not committed.
    if (!connection.query("select to_regclass($1) is not null", {work.session.version_table}).boolean(0, 0))
      return false;
    const pg::Result row =
        connection.query(fmt::format("select version from {} for update", work.session.version_table));
    const pg::Result steps = connection.query(
        "select count(*) from dbtool.steps where run = $1 and version = $2 and direction = $3",
        {std::to_string(work.run), std::to_string(step.version->number), to_text(step.direction)});
    return steps.integer(0, 0) > 0 && row.integer(0, 0) == step.leaves;
  };
  try {
    return ledger::was_committed(work, asked);
  } catch (const Error& error) {
    throw StepError(
        error.exit_code(),
        fmt::format("version {}: the connection was lost while COMMIT was under way, and it cannot be found "
                    "out what became of it: {}",
                    step.version->number, error.what()),
        error.advice().empty()
            ? "when the server is back, `dbtool status` tells; then run the same command again"
            : error.advice(),
        {step.version->number,
         step.direction,
         {},
         {},
         std::nullopt,
         fmt::format("DATABASE IS AT {} OR AT {}, whole either way.", step.expected, step.leaves)});
  }
}

}  // namespace

std::string state_after_rollback(const TransactionStep& step) {
  if (step.ends_statements) {
    return fmt::format(
        "DATABASE IS AT {}, version {} is partly {}: all its statements are done, its methods are not.",
        step.expected, step.version->number, step.direction == Direction::upgrade ? "there" : "gone");
  }
  return step.direction == Direction::upgrade
             ? fmt::format("DATABASE IS AT {}. Nothing of {} remains.", step.expected, step.version->number)
             : fmt::format("DATABASE IS AT {}, unchanged.", step.expected);
}

void run_transaction(Execution& execution, const TransactionStep& step) {
  ledger::Work& work = execution.work;
  for (LockRetries retries(execution, step.version->number);;) {
    Attempt attempt(execution, step, retries.lock_timeout());
    try {
      attempt.run();
      return;
    } catch (const pg::CommitInDoubt&) {
      if (was_committed(execution, step)) return;
      confirm_lock(execution);
    } catch (const pg::PgError& error) {
      work.connection.on_wait({});
      if (error.fields().kept_statement_lost) continue;
      if (!retries.pause_after(error, attempt.elapsed())) fail(execution, step, attempt, error);
    } catch (...) {
      work.connection.on_wait({});
      throw;
    }
  }
}

}  // namespace dbtool::run
