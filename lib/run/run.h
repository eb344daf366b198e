#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/run_lock.h"
#include "ledger/work.h"
#include "ledger/write.h"
#include "model/project.h"
#include "run/execute.h"
#include "run/plan.h"
#include "run/preflight.h"

namespace dbtool::run {

/// One run of `dbtool upgrade` or `downgrade` on a database: from the lock to the last word.
/// Order: construct (lock, orphans, state, checksums, plan), preflight, execute, finish.
class Run {
 public:
  struct Options {
    Request request;
    std::string command;           ///< as recorded and shown, "upgrade 20"
    std::set<int> accept_changed;  ///< applied versions whose files may have changed
    OnlineWish online{};
    std::optional<ledger::RunLock> lock{};  ///< held already, of an earlier run on this database
  };

  /// Takes the run lock and makes the plan; changes nothing. `files` may be incomplete for a downgrade: what
  /// is missing or changed is taken from the ledger. Throws Error when the database cannot be worked on.
  Run(pg::Connection connection, Project files, Options options, Clock& clock, Observer observer,
      InterruptCount interrupts);

  /// The project that the plan was made from; for a downgrade with what the ledger gave instead of the files.
  const Project& project() const { return project_; }
  const ledger::State& state() const { return state_; }
  const Plan& plan() const { return plan_; }
  pg::Connection& connection() { return connection_; }
  /// Whether there is anything to do, or to record.
  bool has_work() const { return !plan_.steps.empty() || needs_record_; }

  /// Throws Error that lists every problem; shows warnings. `of_window`: what speaks against beginning it in
  /// the window, told with the others. Reads only.
  void preflight(const Preflight& of_window = {});
  /// From now on `guard` looks on while steps work; it outlives the run.
  void look_on(StepGuard& guard) { guard_ = &guard; }
  /// Makes the ledger and records the run, runs the plan, gives the services their access, analyzes.
  /// The outcome is recorded, also that of a failure as far as the connection allows.
  void execute();
  struct Released {
    pg::Connection connection;  ///< as if it were new
    ledger::RunLock lock;
  };
  /// After execute(), for who has more to do with the same database: what the next run begins with. A backend
  /// that knows the catalog already is worth more than the round trip. The run is over.
  Released release();

 private:
  void compare_checksums();
  void begin();
  void follow_up(ledger::Work& work, std::size_t steps_done) const;
  void let_services_in(ledger::Work& work) const;
  void let_services_in_if_possible(ledger::Work& work) const;
  void beside_steps(int at, const std::function<void()>& work) const;
  void finish(const std::string& outcome, const std::string& message,
              const std::optional<ledger::FailedStep>& failed = std::nullopt);

  pg::Connection connection_;
  Clock& clock_;
  Observer observer_;
  Interrupts interrupts_;
  Options options_;
  Project project_;
  ledger::Session session_;
  std::optional<ledger::RunLock> lock_;
  LockWatch watch_;
  ledger::State state_;
  Plan plan_;
  StepGuard* guard_ = nullptr;
  bool needs_record_ = false;
  std::set<int> changed_;
  std::int64_t run_ = 0;
};

/// The state of a database and the plan for it, without the run lock and without changing anything; for
/// --dry-run. `project` is completed from the ledger as for a run.
Plan plan_for(pg::Connection& connection, Project& project, const Request& request, ledger::State& state);

}  // namespace dbtool::run
