#include "status/status.h"

#include <algorithm>

#include "catalog/table_rows.h"
#include "model/release.h"
#include "run/recorded.h"
#include "status/pending.h"

namespace dbtool::status {

namespace {

/// From the rates so far and of late, as the two ends of a range.
std::optional<Estimate> estimate_left(const OnlineProgress& online, bool at_work) {
  const double total = static_cast<double>(online.rows_total.value_or(0));
  const auto done = static_cast<double>(online.rows_done());
  if (total <= 0 || done > total) return std::nullopt;
  double slow = online.rows_per_second;
  double fast = online.rows_per_second;
  // At work, and nothing moves: when it will is not known.
  if (at_work && online.state.rows_per_second <= 0) return std::nullopt;
  if (online.state.rows_per_second > 0) {
    slow = std::min(slow, online.state.rows_per_second);
    fast = std::max(fast, online.state.rows_per_second);
  }
  if (online.verifies()) slow = fast = online.state.rows_per_second;
  if (slow <= 0) return std::nullopt;
  // By functions, nobody knows whether the rows that are done still count in the table.
  const double most = online.state.declared ? total - done : total;
  return Estimate{(total - done) / fast, most / slow,
                  "at the rates so far and of the last half minute, by an estimate of the rows"};
}

OnlineProgress read_online(pg::Connection& connection, const Project& project, const ledger::State& state,
                           const std::map<std::string, std::int64_t>& table_rows, bool at_work) {
  OnlineProgress progress;
  progress.state = *state.online;
  const ledger::OnlineState& online = progress.state;
  progress.rows_total = online.rows_total;
  if (!progress.rows_total && !online.declared && online.version <= project.newest()) {
    const Version& version = project.version(online.version);
    const auto& script =
        online.direction == Direction::upgrade ? version.migration_script : version.downgrade_script;
    if (script) progress.rows_total = catalog::rows_named(script->text, table_rows);
  }
  if (!online.recorded) return progress;
  if (state.ledger_format >= ledger::format_of_ranges)
    progress.control = ledger::read_control(connection, online.version);
  const pg::Result times = connection.query(
      "select extract(epoch from $1::timestamptz - $2::timestamptz), extract(epoch from clock_timestamp() - "
      "nullif($3, '')::timestamptz)",
      {online.updated_at, online.started_at, online.last_batch_at});
  if (times.number(0, 0) > 0)
    progress.rows_per_second = static_cast<double>(online.rows_done) / times.number(0, 0);
  if (!times.is_null(0, 1)) progress.age_seconds = times.number(0, 1);
  progress.left = estimate_left(progress, at_work);
  return progress;
}

}  // namespace

Status read(pg::Connection& connection, const Project& project, bool with_check, run::Knowledge measured) {
  const ledger::State state = ledger::read_state(connection, project.settings);
  run::check_version_table(state, project.settings);
  Status status;
  status.name = state.name.empty() ? project.settings.name : state.name;
  status.version = state.version;
  status.newest = project.newest();
  status.may_run = releases_on(project.releases, state.version, project.settings.release_support);
  std::map<std::string, std::int64_t>& table_rows = measured.table_rows;
  if (state.online || state.version < project.newest()) table_rows = catalog::read_table_rows(connection);
  status.running = ledger::running(connection);
  if (state.online)
    status.online = read_online(connection, project, state, table_rows, status.running.has_value());
  status.partly = state.partly;
  if (state.recorded_version && *state.recorded_version != state.version)
    status.moved_from = state.recorded_version;
  status.changed = run::changed_versions(state, project);
  if (state.version < project.newest()) {
    if (state.ledger) {
      run::read_earlier_seconds(connection, measured);
      run::read_probes(connection, measured);
    }
    status.pending = list_pending(project, state.version + 1, measured);
  }
  if (const auto runs = ledger::read_runs(connection, 1); !runs.empty()) status.last_run = runs.front();
  // A database in mid-step is not what any file says: its findings would only mislead.
  if (with_check && !status.running && !status.online && !status.partly && state.version <= project.newest())
    status.check = check::check(connection, project, state.version);
  return status;
}

bool needs_attention(const Status& status) {
  return status.files_are_older() || !status.pending.empty() || status.online || status.partly ||
         !status.changed.empty() || status.moved_from || (status.check && !status.check->clean());
}

}  // namespace dbtool::status
