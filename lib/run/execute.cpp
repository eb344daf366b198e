#include "run/execute.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/interrupt.h"
#include "base/overloaded.h"
#include "catalog/table_rows.h"
#include "ledger/doubt.h"
#include "ledger/run_lock.h"
#include "ledger/write.h"
#include "online/engine.h"
#include "online/key.h"
#include "pg/transaction.h"
#include "run/step_error.h"
#include "sql/parse.h"

namespace dbtool::run {

namespace {

int version_before(const Step& step) {
  return std::visit([](const auto& it) { return it.expected; }, step);
}

/// About how many rows an online part by functions has to move: what its rehearsal tells, else those of the
/// largest table that its script names. A declared one names the table itself, and is counted when its walk
/// begins.
std::optional<std::int64_t> rows_to_move(const Execution& execution, const OnlineStep& step) {
  if (step.version->online(step.direction)) return std::nullopt;
  if (execution.guard != nullptr) {
    if (const auto rows = execution.guard->rows_to_move(step)) return rows;
  }
  const auto& script =
      step.direction == Direction::upgrade ? step.version->migration_script : step.version->downgrade_script;
  if (!script) return std::nullopt;
  const auto rows = catalog::rows_named(script->text, catalog::read_table_rows(execution.work.connection));
  return rows.value_or(0) > 0 ? rows : std::nullopt;
}

/// Services that write rows which a batch changes wait for its row locks: such batches are shorter.
std::chrono::milliseconds batch_time_of(const Project& project, const OnlineStep& step) {
  const bool up = step.direction == Direction::upgrade;
  const auto& declared = step.version->online(step.direction);
  const auto& script = up ? step.version->migration_script : step.version->downgrade_script;
  std::vector<std::string> changed;
  if (declared) {
    changed = sql::changed_tables_of_statements(online::without_ranges(declared->batch.text));
  } else if (script) {
    changed = sql::changed_tables_of_function(
        script->text, ledger::online_function(step.direction, step.version->number, "batch"));
  }
  for (const ServiceAccess& service : project.access) {
    for (const TableAccess& access : service.tables) {
      if (access.mode == MethodMode::write &&
          std::find(changed.begin(), changed.end(), access.table) != changed.end())
        return online::batch_time_on_written_rows;
    }
  }
  return online::default_batch_time;
}

void run_online(Execution& execution, const OnlineStep& step) {
  online::Migration migration{step.direction, step.version, step.expected};
  migration.workers = execution.online.workers;
  migration.batch_time = execution.online.batch_time.value_or(batch_time_of(execution.project, step));
  migration.throttle = execution.project.settings.throttle;
  migration.read_throttle = execution.online.read_throttle;
  migration.user_prefix = execution.project.settings.user_prefix;
  const int number = step.version->number;
  const std::string state =
      fmt::format("DATABASE IS AT {}, its online {} of {} is unfinished; services may go on.", step.expected,
                  to_text(step.direction), number);
  StepError::Facts facts{number, step.direction, {}, {}, std::nullopt, state};
  try {
    migration.rows_total = rows_to_move(execution, step);
    online::run(execution.work, migration, [&] {
      if (execution.guard != nullptr) execution.guard->poll();
      confirm_lock(execution);
    });
  } catch (const pg::PgError& error) {
    facts.fields = error.fields();
    throw StepError(error.exit_code(),
                    fmt::format("version {}: online {}: {}", number, to_text(step.direction), error.what()),
                    error.advice().empty() ? "what is committed stays; the same command goes on from there"
                                           : error.advice(),
                    facts);
  } catch (const Error& error) {
    throw StepError(error.exit_code(), error.what(), error.advice(), facts);
  }
}

void run_step(Execution& execution, const Step& step) {
  std::visit(Overloaded{[&](const TransactionStep& it) { run_transaction(execution, it); },
                        [&](const StatementsStep& it) { run_statements(execution, it); },
                        [&](const OnlineStep& it) { run_online(execution, it); }},
             step);
}

}  // namespace

void confirm_lock(Execution& execution) {
  const int before = execution.lock.backend_pid();
  execution.lock.confirm();
  if (execution.lock.backend_pid() == before) return;
  ledger::Work& work = execution.work;
  const auto note = [&] {
    pg::Transaction transaction(work.connection, "isolation level read committed",
                                work.session.setup(work.connection.server_version()));
    work.connection.query("update dbtool.runs set backend_pid = $2 where run = $1",
                          {std::to_string(work.run), std::to_string(execution.lock.backend_pid())});
    transaction.commit();
  };
  try {
    note();
  } catch (const pg::PgError& error) {
    // What took the lock's connection may have taken this one.
    if (!error.is_connection_lost()) throw;
    ledger::reopen(work);
    note();
  }
}

namespace {

// A backend that does not heed its cancel works on, and what it holds would stand in everybody's way.
void end_left_backend(Execution& execution) {
  ledger::Work& work = execution.work;
  if (work.connection.is_alive()) return;
  Interrupts nobody([] { return 0; }, work.clock);
  try {
    ledger::reopen(work, std::chrono::seconds(0));
    ledger::end_orphans(work.connection, work.clock, work.observer, nobody, std::chrono::seconds(0));
  } catch (const Error& error) {
    work.observer(Message{Message::Level::warning, error.what()});
  }
}

void run_guarded(Execution& execution, const Step& step) {
  const Version& version = version_of(step);
  if (execution.guard != nullptr) {
    try {
      execution.guard->before(execution.work.run, step);
    } catch (const Error& error) {
      throw StepError(
          error.exit_code(), error.what(), error.advice(),
          {version.number,
           direction_of(step),
           {},
           {},
           std::nullopt,
           fmt::format("DATABASE IS AT {}. Nothing was done by this step.", version_before(step))});
    }
  }
  execution.work.observer(
      StepStarted{direction_of(step), version.number, version.description, kind_of(step)});
  try {
    run_step(execution, step);
  } catch (const Error& error) {
    execution.work.connection.on_wait({});
    if (error.exit_code() == ExitCode::stopped) end_left_backend(execution);
    if (execution.guard != nullptr) execution.guard->after(step, false);
    throw;
  }
  if (execution.guard != nullptr) execution.guard->after(step, true);
}

/// Where a step leaves the database that failed or was stopped.
std::string state_without(const Step& step) {
  if (const auto* transaction = std::get_if<TransactionStep>(&step))
    return state_after_rollback(*transaction);
  const std::string at = fmt::format("DATABASE IS AT {}", version_before(step));
  if (!std::holds_alternative<StatementsStep>(step)) return at + ".";
  return fmt::format("{}, version {} is partly {}.", at, version_of(step).number,
                     direction_of(step) == Direction::upgrade ? "there" : "gone");
}

}  // namespace

void execute(Execution& execution, const Plan& plan) {
  ledger::Work& work = execution.work;
  for (const Step& step : plan.steps) {
    work.interrupts.stop_if_requested();
    const Version& version = version_of(step);
    const auto began = work.clock.now();
    try {
      if (execution.lock.is_lost()) confirm_lock(execution);
      run_guarded(execution, step);
    } catch (const StepError&) {
      throw;
    } catch (const Error& error) {
      throw StepError(error.exit_code(), error.what(), error.advice(),
                      {version.number, direction_of(step), {}, {}, std::nullopt, state_without(step)});
    }
    ++execution.steps_done;
    work.observer(StepDone{direction_of(step), version.number, version_after(step),
                           std::chrono::duration_cast<std::chrono::milliseconds>(work.clock.now() - began)});
  }
}

}  // namespace dbtool::run
