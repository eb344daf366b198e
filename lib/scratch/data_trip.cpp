#include "scratch/data_trip.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "catalog/fold.h"
#include "pg/quote.h"
#include "rows/compare.h"
#include "rows/contents.h"
#include "rows/fill.h"
#include "rows/random.h"
#include "run/plan.h"
#include "scratch/database.h"
#include "scratch/trip_finding.h"

namespace dbtool::scratch {
namespace {

class DataWalk {
 public:
  DataWalk(Host& host, Clock& clock, const InterruptCount& interrupts, const DataOptions& options)
      : host_(host),
        clock_(clock),
        interrupts_(interrupts),
        options_(options),
        random_(options.seed, "stops") {
    const auto [schema, table] = pg::split_qualified(host.project().settings.version_table);
    scope_.excluded_tables = {schema + "." + table};
  }

  DataTrips run(int reached, const KnownFaults& known) {
    database_ = std::make_unique<Database>(host_, clock_);
    for (int number = 1; number <= reached; ++number) {
      const Version& version = host_.project().version(number);
      is_uneven_ = known.uneven.contains(number);
      if (known.failing.contains(number))
        start_again_at(number);
      else
        trip(version);
    }
    std::sort(result_.without_rows.begin(), result_.without_rows.end());
    return std::move(result_);
  }

 private:
  void trip(const Version& version) {
    if (interrupts_() > 0)
      throw Error(ExitCode::stopped, "stopped; the scratch databases are gone", "run it again");
    fill(version.number - 1);
    const rows::Contents before = picture();
    if (const auto fault = attempt(version.number)) {
      result_.findings.push_back(not_tried_with_rows(version, *fault));
      start_again_at(version.number);
      return;
    }
    if (!go_back(version, before, "")) return start_again_at(version.number);
    if (run::begins_online(version, Direction::upgrade) && !stop_and_go_back(version, before))
      return start_again_at(version.number);
    if (const auto fault = attempt(version.number)) {
      result_.findings.push_back(of_failure(version, Way::up_again, *fault));
      start_again_at(version.number);
    }
  }

  /// False: the database is not what it was below the version.
  bool go_back(const Version& version, const rows::Contents& before, const std::string& when) {
    if (const auto fault = attempt(version.number - 1)) {
      Finding finding = of_failure(version, Way::down, *fault);
      finding.message += " (with rows in the tables" + when + ")";
      result_.findings.push_back(std::move(finding));
      return false;
    }
    rows::CompareRequest request;
    request.only_common = is_uneven_;
    const rows::Comparison comparison = rows::compare(before, picture(), request, &database_->connection());
    for (Finding& finding : rows::findings(comparison)) {
      finding.version = version.number;
      finding.place = version.downgrade_script ? version.downgrade_script->place : version.place;
      finding.fact = fmt::format("up to {} and back{}{}{}", version.number, when,
                                 finding.fact.empty() ? "" : ": ", finding.fact);
      if (!version.loses.empty()) {
        finding.severity = Severity::note;
        finding.advice = "the version says what it loses: " + std::string(trim(version.loses));
      }
      result_.findings.push_back(std::move(finding));
    }
    return comparison.is_equal() && !is_uneven_;
  }

  bool stop_and_go_back(const Version& version, const rows::Contents& before) {
    const std::size_t last = 1 + random_.below(3);
    std::size_t batches = 0;
    try {
      database_->go(
          version.number, [&] { return batches >= last ? 1 : interrupts_(); },
          [&](const Event& event) { batches += std::holds_alternative<BatchDone>(event) ? 1 : 0; });
    } catch (const Error& error) {
      // Stopped as wished; or the way up has a fault that the whole trip has told of.
      if (interrupts_() > 0 || error.exit_code() == ExitCode::unreachable) throw;
    }
    return go_back(version, before, fmt::format(", stopped after batch {}", batches));
  }

  void run_command(int at) {
    if (options_.command.empty()) return;
    const ProcessOutcome outcome = run_process({"sh", "-c", options_.command},
                                               {.environment = {{"DBTOOL_URL", host_.url(database_->name())},
                                                                {"DBTOOL_VERSION", std::to_string(at)}},
                                                .is_to_end = [&] { return interrupts_() > 0; }});
    if (interrupts_() > 0)
      throw Error(ExitCode::stopped, "stopped; the scratch databases are gone", "run it again");
    if (!outcome.succeeded())
      throw Error(ExitCode::usage,
                  fmt::format("the command that puts rows in failed at version {} (exit {}): {}", at,
                              outcome.exit_status, trim(outcome.errors)),
                  "run it by hand with DBTOOL_URL and DBTOOL_VERSION set");
  }

  void fill(int at) {
    run_command(at);
    rows::FillRequest request;
    request.scope = scope_;
    // Where the project has put rows once, generated ones would only be such as it never has.
    for (const std::string& table : own_) request.scope.excluded_tables.push_back(table);
    request.rows = options_.rows;
    request.seed = options_.seed;
    request.leave_filled = true;
    for (const rows::Filled& filled : rows::fill(database_->connection(), request)) {
      const std::string name = (filled.table.find('.') == std::string::npos ? "public." : "") + filled.table;
      if (filled.rows > 0) generated_.insert(name);
      if (filled.was_left && !generated_.contains(name)) own_.insert(name);
      if (filled.rows > 0 || filled.was_left || filled.reason.empty()) continue;
      const std::string text = filled.table + ": " + filled.reason;
      if (std::find(result_.without_rows.begin(), result_.without_rows.end(), text) ==
          result_.without_rows.end())
        result_.without_rows.push_back(text);
    }
  }

  rows::Contents picture() { return rows::contents(database_->connection(), {scope_}); }

  std::optional<Fault> attempt(int goal) { return attempt_to(*database_, goal, interrupts_); }

  /// A fresh database at that version, with the project's own rows where it takes them.
  void start_again_at(int version) {
    generated_.clear();
    database_ = std::make_unique<Database>(host_, clock_);
    if (!options_.command.empty()) {
      int at = 0;
      for (; at < version; ++at) {
        run_command(at);
        if (attempt(at + 1)) break;
      }
      if (at == version) return;
      own_.clear();  // those rows are no longer there
      database_ = std::make_unique<Database>(host_, clock_);
    }
    database_->go(version, interrupts_);
  }

  static Finding not_tried_with_rows(const Version& version, const Fault& fault) {
    Finding finding;
    finding.severity = Severity::note;
    finding.rule = "not-tried-with-rows";
    finding.version = version.number;
    finding.object = fmt::format("version {}", version.number);
    finding.place = fault.facts().place;
    finding.found = fmt::format("it does not take the rows that were put in: {}", fault.what());
    finding.advice = "put in rows such as there are: --data-command";
    return finding;
  }

  Host& host_;
  Clock& clock_;
  const InterruptCount& interrupts_;
  const DataOptions& options_;
  rows::Random random_;
  rows::Scope scope_;
  bool is_uneven_ = false;           ///< the version at hand leaves another schema
  std::set<std::string> own_;        ///< tables that the project's command has filled, "schema.name"
  std::set<std::string> generated_;  ///< those that generated rows were put into
  std::unique_ptr<Database> database_;
  DataTrips result_;
};

}  // namespace

KnownFaults known_faults(const std::vector<Finding>& findings) {
  KnownFaults known;
  for (const Finding& finding : findings) {
    if (finding.severity != Severity::error) continue;
    (finding.rule.ends_with("-fails") ? known.failing : known.uneven).insert(finding.version);
  }
  return known;
}

DataTrips data_trips(Host& host, Clock& clock, const InterruptCount& interrupts, const DataOptions& options,
                     int reached, const KnownFaults& known) {
  return DataWalk(host, clock, interrupts, options).run(reached, known);
}

}  // namespace dbtool::scratch
