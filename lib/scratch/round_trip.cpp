#include "scratch/round_trip.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "catalog/fold.h"
#include "check/check.h"
#include "check/full.h"
#include "run/listeners.h"
#include "run/plan.h"
#include "run/step_error.h"
#include "scratch/database.h"
#include "scratch/one_go.h"
#include "scratch/trip_finding.h"

namespace dbtool::scratch {
namespace {

class Walk {
 public:
  Walk(Host& host, Clock& clock, const InterruptCount& interrupts, const Observer& observer)
      : host_(host), project_(host.project()), clock_(clock), interrupts_(interrupts), observer_(observer) {}

  RoundTrips run() {
    OneGo one_go(host_, clock_, interrupts_);
    database_ = std::make_unique<Database>(host_, clock_);
    below_ = database_->read();
    const Catalog nothing = below_;
    observer_(RunStarted{Direction::upgrade, 0, project_.newest(), project_.newest()});
    for (const Version& version : project_.versions) {
      if (!trip(version)) break;
    }
    result_.newest = std::move(below_);
    judge_declared();
    add(one_go.findings(nothing, result_.newest, result_.reached, result_.findings));
    std::stable_sort(result_.findings.begin(), result_.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.version < b.version; });
    return std::move(result_);
  }

 private:
  /// False: the version does not go up, so that those above it cannot be tried.
  bool trip(const Version& version) {
    stop_if_interrupted();
    const auto began = clock_.now();
    observer_(StepStarted{Direction::upgrade, version.number, version.description, "up, down, up"});
    std::vector<Finding> published = published_tables(version);
    if (const auto fault = attempt(version.number)) {
      result_.findings.push_back(of_failure(version, Way::up, *fault));
      if (version.number < project_.newest())
        result_.findings.push_back(not_tried(version.number, project_.newest()));
      return false;
    }
    add(std::move(published));
    above_ = database_->read();
    result_.snapshots.push_back(catalog::snapshot_file(version, host_.server_version() / 10000,
                                                       version.number == 1 ? Catalog{} : below_, above_));
    go_down_and_up(version);
    below_ = std::move(above_);
    result_.reached = version.number;
    const auto took = clock_.now() - began;
    result_.trips.push_back({version.number, std::chrono::duration<double>(took).count()});
    observer_(StepDone{Direction::upgrade, version.number, version.number,
                       std::chrono::duration_cast<std::chrono::milliseconds>(took)});
    return true;
  }

  /// Notes on publications, made by earlier versions, of tables that this one changes.
  std::vector<Finding> published_tables(const Version& version) {
    ledger::State state;
    state.version = version.number - 1;
    state.version_table = state.version > 0;
    std::vector<Finding> findings;
    try {
      const run::Plan plan = run::make_plan(project_, state, {Direction::upgrade, version.number, false});
      for (const auto& listener : run::listeners_of(database_->connection(), plan, project_.settings)) {
        if (listener.kind == run::Listener::Kind::publication)
          findings.push_back(of_publication(version, listener));
      }
    } catch (const pg::PgError&) {
      throw;
    } catch (const Error&) {
      // The attempt to go there tells why it cannot be planned.
    }
    return findings;
  }

  void go_down_and_up(const Version& version) {
    if (const auto fault = attempt(version.number - 1)) {
      result_.findings.push_back(of_failure(version, Way::down, *fault));
      if (!is_at(version.number)) start_again_at(version.number);
      return;
    }
    std::vector<Finding> different = differences(version, Way::down, below_);
    const bool came_back = only_notes(different);
    const auto fault = attempt(version.number);
    if (fault && came_back) {
      different.push_back(of_failure(version, Way::up_again, *fault));
    } else if (fault) {
      // What the downgrade left undone is the cause, and has its finding.
      different.front().advice += fmt::format("{}it cannot go up again: {}",
                                              different.front().advice.empty() ? "" : "; ", fault->what());
    } else if (came_back) {
      std::vector<Finding> second = differences(version, Way::up_again, above_);
      std::move(second.begin(), second.end(), std::back_inserter(different));
    }
    const bool as_it_was = different.empty();
    add(std::move(different));
    if (fault || !as_it_was) start_again_at(version.number);
  }

  /// Goes to a version; returns what failed, where that is a fault of the versions.
  std::optional<Fault> attempt(int goal) { return attempt_to(*database_, goal, interrupts_); }

  std::vector<Finding> differences(const Version& version, Way way, const Catalog& expected) {
    const Catalog found = database_->read();
    return of_differences(host_, version, way, catalog::fold(catalog::diff_full(expected, found)));
  }

  bool is_at(int version) {
    return database_->version() == version && catalog::diff_full(above_, database_->read()).empty();
  }

  /// A database as the versions leave it when none of them has ever been taken back.
  void start_again_at(int version) {
    database_.reset();
    if (good_) good_->close();
    auto fresh = std::make_unique<Database>(host_, clock_, good_ ? good_->name() : std::string());
    fresh->go(version, interrupts_);
    fresh->close();
    database_ = std::make_unique<Database>(host_, clock_, fresh->name());
    good_ = std::move(fresh);
  }

  void judge_declared() {
    if (result_.reached < project_.newest()) return;
    for (Finding& finding : check::check(database_->connection(), project_, result_.reached).findings)
      result_.findings.push_back(std::move(finding));
  }

  void add(std::vector<Finding> findings) {
    std::move(findings.begin(), findings.end(), std::back_inserter(result_.findings));
  }

  void stop_if_interrupted() const {
    if (interrupts_() > 0)
      throw Error(ExitCode::stopped, "stopped; the scratch databases are gone", "run it again");
  }

  Host& host_;
  const Project& project_;
  Clock& clock_;
  const InterruptCount& interrupts_;
  const Observer& observer_;
  std::unique_ptr<Database> database_;  ///< the one that goes up and down
  std::unique_ptr<Database> good_;      ///< a state to copy after the next fault; nobody works in it
  Catalog below_, above_;               ///< at the version below and at the present one
  RoundTrips result_;
};

}  // namespace

RoundTrips round_trips(Host& host, Clock& clock, const InterruptCount& interrupts, const Observer& observer) {
  return Walk(host, clock, interrupts, observer).run();
}

}  // namespace dbtool::scratch
