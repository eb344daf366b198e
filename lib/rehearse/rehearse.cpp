#include "rehearse/rehearse.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "check/check.h"
#include "ledger/ledger.h"
#include "ledger/run_lock.h"
#include "ledger/session.h"
#include "rehearse/analyze.h"
#include "rehearse/measuring_guard.h"
#include "run/run.h"
#include "window/fingerprint.h"

namespace dbtool::rehearse {

namespace {

/// Rolling back is worth a try of its own only where it could take time.
constexpr double long_step = 1;
constexpr double late = 0.7;  ///< part of a step's time after which its try is cancelled

/// Runs on one copy, one after another.
class Walk {
 public:
  Walk(const pg::Address& address, Project project, const Request& request, Clock& clock,
       const Observer& observer, const InterruptCount& interrupts)
      : address_(address),
        project_(std::move(project)),
        request_(request),
        clock_(clock),
        observer_(observer),
        interrupts_(interrupts),
        guard_(address, clock) {
    // It is not the database that the settings speak of; whom its replicas and services are to be spared of
    // is not asked.
    project_.settings.name.clear();
    project_.settings.is_protected = false;
    project_.settings.throttle = {};
  }

  Outcome run() {
    connection_ = ledger::open_as(address_, project_.settings.role);
    const ledger::State state = ledger::read_state(*connection_, project_.settings);
    outcome_.from = state.version;
    if (request_.goal <= state.version) {
      throw Error(ExitCode::usage,
                  fmt::format("the copy is at version {} already, and {} is to be rehearsed", state.version,
                              request_.goal),
                  "give a goal above it, or a copy of an earlier state");
    }
    outcome_.rehearsal.environment = window::fingerprint(*connection_);
    outcome_.rehearsal.environment.version = state.version;
    outcome_.rehearsal.environment.name = state.name;
    outcome_.rehearsal.made_at = outcome_.rehearsal.environment.taken_at;
    before_ = check::check(*connection_, project_, state.version);
    go(request_.goal);
    const std::size_t first = guard_.costs().size();
    try {
      if (request_.down) go(outcome_.from);
      const std::size_t second = guard_.costs().size();
      keep(second);
      if (request_.down && request_.again) go_again(first);
    } catch (const Error& error) {
      if (error.exit_code() == ExitCode::stopped) throw;
      keep(guard_.costs().size());
      outcome_.failure = error;
    }
    return std::move(outcome_);
  }

 private:
  /// The steps so far are the rehearsal's.
  void keep(std::size_t steps) {
    if (!outcome_.rehearsal.steps.empty()) return;
    outcome_.rehearsal.steps.assign(guard_.costs().begin(),
                                    guard_.costs().begin() + static_cast<std::ptrdiff_t>(steps));
  }

  void go_again(std::size_t first) {
    const std::size_t began = guard_.costs().size();
    if (request_.rollback) {
      const std::vector<StepCost> steps(guard_.costs().begin(),
                                        guard_.costs().begin() + static_cast<std::ptrdiff_t>(first));
      for (const StepCost& step : steps) {
        if (step.seconds >= long_step && step.kind == "script") try_rollback(step);
      }
    }
    go(request_.goal);
    // A version that could not be cancelled in time was done once more all the same.
    double seconds = 0;
    for (std::size_t at = began; at < guard_.costs().size(); ++at) seconds += guard_.costs()[at].seconds;
    outcome_.seconds_again = seconds;
  }

  void try_rollback(const StepCost& step) {
    if (step.version - 1 > at()) go(step.version - 1, false);
    guard_.cancel_after(late * step.seconds);
    try {
      go(step.version, false);
    } catch (const Error& error) {
      // A stop that a person wishes for has the same code.
      if (!guard_.rollback_seconds() || (interrupts_ && interrupts_() > 0)) throw;
    }
    const std::optional<double> seconds = guard_.take_rollback_seconds();
    for (StepCost& cost : outcome_.rehearsal.steps) {
      if (cost.direction == Direction::upgrade && cost.version == step.version)
        cost.rollback_seconds = seconds;
    }
  }

  int at() {
    if (!connection_) connection_ = ledger::open_as(address_, project_.settings.role);
    return ledger::read_state(*connection_, project_.settings).version;
  }

  void go(int goal, bool checks = true) {
    const int version = at();
    const Direction direction = goal >= version ? Direction::upgrade : Direction::downgrade;
    run::Run::Options options;
    options.request = {direction, goal};
    options.command = fmt::format("rehearse: {} {}", to_text(direction), goal);
    options.accept_changed = request_.accept_changed;
    options.lock = std::exchange(lock_, std::nullopt);
    pg::Connection own = *std::exchange(connection_, std::nullopt);
    run::Run run(
        std::move(own), project_, std::move(options), clock_,
        [this](const Event& event) {
          if (const auto* notice = std::get_if<ScriptNotice>(&event)) guard_.notice(notice->message);
          if (const auto* batch = std::get_if<BatchDone>(&event); batch != nullptr && !batch->verifies)
            guard_.moved(batch->rows);
          if (observer_) observer_(event);
        },
        interrupts_ ? interrupts_ : [] { return 0; });
    run.look_on(guard_);
    guard_.use(run.connection());
    run.preflight();
    const std::size_t first = guard_.costs().size();
    run.execute();
    const std::vector<StepCost> done(guard_.costs().begin() + static_cast<std::ptrdiff_t>(first),
                                     guard_.costs().end());
    guard_.analyzed(time_analyze(run.connection(), project_.settings, done, clock_), first);
    if (checks) {
      const check::Outcome found = check::check(run.connection(), run.project(), goal);
      outcome_.checks.push_back({direction, goal, check::new_findings(before_, found)});
    }
    run::Run::Released left = run.release();
    connection_ = std::move(left.connection);
    lock_ = std::move(left.lock);
  }

  const pg::Address address_;
  Project project_;
  const Request& request_;
  Clock& clock_;
  const Observer& observer_;
  const InterruptCount& interrupts_;
  MeasuringGuard guard_;
  std::optional<pg::Connection> connection_;  ///< between two runs
  std::optional<ledger::RunLock> lock_;
  check::Outcome before_;
  Outcome outcome_;
};

}  // namespace

Outcome rehearse(const pg::Address& address, const Project& project, const Request& request, Clock& clock,
                 const Observer& observer, const InterruptCount& interrupts) {
  return Walk(address, project, request, clock, observer, interrupts).run();
}

}  // namespace dbtool::rehearse
