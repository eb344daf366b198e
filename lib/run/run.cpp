#include "run/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/host.h"
#include "base/text.h"
#include "run/finish.h"
#include "run/listeners.h"
#include "run/recorded.h"
#include "run/step_error.h"

namespace dbtool::run {

namespace {

std::string list_of(const std::vector<int>& numbers) {
  std::vector<std::string> texts;
  for (const int number : numbers) texts.push_back(std::to_string(number));
  return join(texts, ", ");
}

// What the ledger must take over before it can be relied upon.
std::vector<std::string> to_take_over(const ledger::State& state) {
  std::vector<std::string> found;
  const auto adopted = static_cast<int>(state.applied.size());
  if (!state.ledger && state.version_table && state.version > 0) {
    found.push_back(fmt::format(
        "the database is at {} and has no ledger yet: it is adopted as the files have it", state.version));
  } else if (state.ledger && state.recorded_version && *state.recorded_version != state.version) {
    found.push_back(fmt::format("another tool has moved the database from {} to {}: the ledger follows",
                                *state.recorded_version, state.version));
  } else if (state.ledger && adopted < state.version) {
    found.emplace_back(
        "the ledger does not know every applied version: they are adopted as the files have them");
  }
  if (state.ledger && state.online && !state.online->recorded) {
    found.push_back(
        fmt::format("the online migration of version {} was begun by another tool: it is taken over",
                    state.online->version));
  }
  return found;
}

/// nullopt: what failed was beside the steps.
std::optional<ledger::FailedStep> failed_step(const Error& error) {
  const auto* of_step = dynamic_cast<const StepError*>(&error);
  if (of_step == nullptr || of_step->facts().version == 0) return std::nullopt;
  return ledger::FailedStep{of_step->facts().version, of_step->facts().direction};
}

void take_from_ledger(pg::Connection& connection, const ledger::State& state, Project& project,
                      const Observer* observer) {
  const std::vector<int> taken = complete_from_ledger(connection, state, project);
  if (taken.empty() || observer == nullptr) return;
  (*observer)(Message{Message::Level::warning,
                      fmt::format("version{} {}: missing or changed here, taken from the database's ledger",
                                  taken.size() == 1 ? "" : "s", list_of(taken))});
}

}  // namespace

Run::Run(pg::Connection connection, Project files, Options options, Clock& clock, Observer observer,
         InterruptCount interrupts)
    : connection_(std::move(connection)),
      clock_(clock),
      observer_(std::move(observer)),
      interrupts_(std::move(interrupts), clock),
      options_(std::move(options)),
      project_(std::move(files)),
      session_(ledger::Session::from(project_.settings)),
      lock_(std::exchange(options_.lock, std::nullopt)),
      watch_(connection_.address(), clock) {
  ledger::prepare(connection_, observer_);
  check_server(connection_, project_.settings);
  if (lock_) {
    lock_->hand_to(observer_, interrupts_);
  } else {
    lock_ = ledger::RunLock::acquire(connection_.address(), clock_, observer_, interrupts_);
  }
  ledger::end_orphans(connection_, clock_, observer_, interrupts_);
  state_ = ledger::read_state(connection_, project_.settings);
  check_name(state_, project_.settings);
  check_version_table(state_, project_.settings);
  if (options_.request.direction == Direction::downgrade) {
    take_from_ledger(connection_, state_, project_, &observer_);
  } else {
    compare_checksums();
  }
  plan_ = make_plan(project_, state_, options_.request);
  const bool names = !project_.settings.name.empty() && state_.name.empty() && state_.ledger;
  needs_record_ = !to_take_over(state_).empty() || names || !changed_.empty();
}

void Run::compare_checksums() {
  for (const int number : options_.accept_changed) {
    if (number >= 1 && number <= project_.newest()) continue;
    throw Error(ExitCode::usage, fmt::format("there is no version {} that could have changed", number),
                fmt::format("--accept-changed takes the number of an applied version, at most {}",
                            project_.newest()));
  }
  std::vector<int> refused;
  for (const int number : changed_versions(state_, project_)) {
    if (options_.accept_changed.contains(number)) {
      changed_.insert(number);
    } else {
      refused.push_back(number);
    }
  }
  if (refused.empty()) return;
  std::vector<std::string> files, flags;
  for (const int number : refused) {
    files.push_back(project_.version(number).place.file);
    flags.push_back(fmt::format("--accept-changed {}", number));
  }
  throw Error(
      ExitCode::failed,
      fmt::format("{} {} changed since {} applied to this database", join(files, ", "),
                  refused.size() == 1 ? "has" : "have", refused.size() == 1 ? "it was" : "they were"),
      fmt::format(
          "bring the old text back and put the change into a new version; or, if the change is harmless: "
          "{}",
          join(flags, " ")));
}

void Run::preflight(const Preflight& of_window) {
  if (plan_.steps.empty()) return;
  const Preflight found = run::preflight(connection_, project_, plan_);
  for (const auto* warnings : {&found.warnings, &of_window.warnings}) {
    for (const std::string& warning : *warnings) observer_(Message{Message::Level::warning, warning});
  }
  for (const std::string& warning : warnings_of(listeners_of(connection_, plan_, project_.settings), plan_))
    observer_(Message{Message::Level::warning, warning});
  if (found.problems.empty() && of_window.problems.empty()) return;
  std::string message = "nothing was begun; ";
  if (!found.problems.empty()) message += "this would fail later:";
  for (const std::string& problem : found.problems) message += "\n  - " + problem;
  if (!found.problems.empty() && !of_window.problems.empty()) message += "\nand ";
  if (!of_window.problems.empty()) message += "this speaks against the window:";
  for (const std::string& problem : of_window.problems) message += "\n  - " + problem;
  std::string advice = "mend it and run the same command again";
  if (!of_window.problems.empty()) advice += "; --force goes over what speaks against the window";
  throw Error(ExitCode::failed, message, advice);
}

void Run::begin() {
  if (state_.ledger_format < ledger::format) ledger::create(connection_, session_);
  ledger::RunStart start;
  start.command = options_.command;
  start.from = state_.version;
  start.goal = plan_.goal;
  start.os_user = os_user();
  start.host = host_name();
  start.pid = getpid();
  start.backend_pid = lock_->backend_pid();
  start.name = project_.settings.name;
  run_ = ledger::begin_run(connection_, session_, start, state_, project_);
  for (const std::string& taken_over : to_take_over(state_))
    observer_(Message{Message::Level::note, taken_over});
  for (const int number : changed_) {
    ledger::accept_changed(connection_, session_, project_.version(number));
    observer_(
        Message{Message::Level::note, fmt::format("version {}: its file is recorded as it is now", number)});
  }
}

void Run::finish(const std::string& outcome, const std::string& message,
                 const std::optional<ledger::FailedStep>& failed) try {
  if (!connection_.is_alive()) connection_ = pg::Connection::open(connection_.address());
  connection_.on_wait({});
  ledger::prepare(connection_, observer_);
  ledger::finish_run(connection_, session_, run_, outcome, message, failed);
} catch (const pg::PgError&) {
  // The next run records this one as lost; what failed is told by the error under way.
}

// What goes wrong before the first step or after the last one says where the database is, too.
void Run::beside_steps(int at, const std::function<void()>& work) const {
  try {
    work();
  } catch (const StepError&) {
    throw;
  } catch (const Error& error) {
    throw StepError(error.exit_code(), error.what(), error.advice(),
                    {at, plan_.direction, {}, {}, std::nullopt, fmt::format("DATABASE IS AT {}.", at)});
  }
}

void Run::execute() {
  ledger::Work work{connection_, session_, run_, clock_, observer_, interrupts_};
  if (!has_work()) {
    // An earlier run may have been killed between its last step and this.
    let_services_in(work);
    return;
  }
  begin();
  work.run = run_;
  observer_(RunStarted{plan_.direction, plan_.from, plan_.goal, static_cast<int>(plan_.steps.size())});
  try {
    if (!plan_.steps.empty() && plan_.direction == Direction::upgrade) {
      beside_steps(plan_.from, [&] { create_extensions(work, project_.settings); });
    }
    Execution execution{work, *lock_, project_, watch_, options_.online};
    execution.guard = guard_;
    try {
      run::execute(execution, plan_);
    } catch (const Error& error) {
      // Turned back, and not by a person who is waiting: services come up on what the steps before have made.
      if (error.exit_code() == ExitCode::stopped && !interrupts_.requested() && execution.steps_done > 0)
        follow_up(work, execution.steps_done);
      else if (execution.steps_done > 0 && connection_.is_alive())
        let_services_in_if_possible(work);
      throw;
    }
    beside_steps(version_after(plan_), [&] {
      let_services_in(work);
      analyze(work, project_.settings, plan_);
    });
  } catch (const Error& error) {
    finish(error.exit_code() == ExitCode::stopped ? "stopped" : "failed", error.what(), failed_step(error));
    throw;
  }
  finish("done", "");
}

// A way up promises it, and has asked before whether it can; on the way back it is made good where an earlier
// way up has left it out.
void Run::let_services_in(ledger::Work& work) const {
  if (plan_.direction == Direction::upgrade) {
    grant_access(work, project_);
  } else {
    let_services_in_if_possible(work);
  }
}

// Of no concern to who reads what has failed, and done again by the next run.
void Run::let_services_in_if_possible(ledger::Work& work) const try {
  grant_access(work, project_);
} catch (const Error&) {
  return;
}

void Run::follow_up(ledger::Work& work, std::size_t steps_done) const try {
  Plan done = plan_;
  done.steps.erase(done.steps.begin() + static_cast<std::ptrdiff_t>(steps_done), done.steps.end());
  let_services_in(work);
  analyze(work, project_.settings, done);
} catch (const Error& error) {
  observer_(Message{Message::Level::warning, fmt::format("after the steps that are done: {}", error.what())});
}

Run::Released Run::release() {
  connection_.on_wait({});
  connection_.on_notice({});
  connection_.exec("reset session authorization; reset role; discard temp; discard sequences; reset all");
  return {std::move(connection_), *std::move(lock_)};
}

Plan plan_for(pg::Connection& connection, Project& project, const Request& request, ledger::State& state) {
  check_server(connection, project.settings);
  state = ledger::read_state(connection, project.settings);
  check_name(state, project.settings);
  check_version_table(state, project.settings);
  if (request.direction == Direction::downgrade) take_from_ledger(connection, state, project, nullptr);
  return make_plan(project, state, request);
}

}  // namespace dbtool::run
