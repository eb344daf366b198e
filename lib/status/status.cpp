#include "status/status.h"

#include <algorithm>

#include "catalog/table_rows.h"
#include "model/release.h"
#include "run/recorded.h"
#include "status/pending.h"

namespace dbtool::status {

namespace {

OnlineProgress read_online(pg::Connection& connection, const Project& project,
                           const ledger::OnlineState& state,
                           const std::map<std::string, std::int64_t>& table_rows) {
  OnlineProgress progress;
  progress.direction = state.direction;
  progress.version = state.version;
  progress.rows_done = state.rows_done;
  progress.batches = state.batches;
  progress.started_at = state.started_at;
  if (state.version <= project.newest()) {
    const Version& version = project.version(state.version);
    const auto& script =
        state.direction == Direction::upgrade ? version.migration_script : version.downgrade_script;
    if (script) progress.table_rows = catalog::rows_named(script->text, table_rows);
  }
  if (!state.recorded) return progress;
  const pg::Result times = connection.query(
      R"(select extract(epoch from updated - started), extract(epoch from clock_timestamp() - updated)
           from dbtool.online where version = $1)",
      {std::to_string(state.version)});
  if (times.rows() == 0) return progress;
  if (times.number(0, 0) > 0)
    progress.rows_per_second = static_cast<double>(state.rows_done) / times.number(0, 0);
  progress.age_seconds = times.number(0, 1);
  if (progress.table_rows && progress.rows_per_second > 0) {
    const auto most = static_cast<double>(*progress.table_rows);
    const double least = std::max(0.0, most - static_cast<double>(state.rows_done));
    progress.left = Estimate{least / progress.rows_per_second, most / progress.rows_per_second,
                             "at the rate so far, by the planner's count of rows"};
  }
  return progress;
}

}  // namespace

const char* to_text(PendingKind kind) {
  switch (kind) {
    case PendingKind::methods_only:
      return "methods only";
    case PendingKind::quick:
      return "quick";
    case PendingKind::slow:
      return "slow";
    case PendingKind::online:
      break;
  }
  return "online";
}

Status read(pg::Connection& connection, const Project& project, bool with_check) {
  const ledger::State state = ledger::read_state(connection, project.settings);
  Status status;
  status.name = state.name.empty() ? project.settings.name : state.name;
  status.version = state.version;
  status.newest = project.newest();
  status.may_run = releases_on(project.releases, state.version, project.settings.release_support);
  std::map<std::string, std::int64_t> table_rows;
  if (state.online || state.version < project.newest()) table_rows = catalog::read_table_rows(connection);
  if (state.online) status.online = read_online(connection, project, *state.online, table_rows);
  status.partly = state.partly;
  if (state.recorded_version && *state.recorded_version != state.version)
    status.moved_from = state.recorded_version;
  status.changed = run::changed_versions(state, project);
  status.running = ledger::running(connection);
  if (state.version < project.newest())
    status.pending = list_pending(project, state.version + 1, table_rows,
                                  state.ledger ? read_upgrade_seconds(connection) : std::map<int, double>{});
  if (const auto runs = ledger::read_runs(connection, 1); !runs.empty()) status.last_run = runs.front();
  // A database in mid-step is not what any file says: its findings would only mislead.
  if (with_check && !status.running && !status.online && !status.partly && state.version <= project.newest())
    status.check = check::check(connection, project, state.version);
  return status;
}

bool needs_attention(const Status& status) {
  return !status.pending.empty() || status.online || status.partly || !status.changed.empty() ||
         status.moved_from || (status.check && !status.check->clean());
}

}  // namespace dbtool::status
