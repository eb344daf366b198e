#include "status/pending.h"

#include <algorithm>

#include "catalog/table_rows.h"
#include "run/plan.h"
#include "sql/parse.h"

namespace dbtool::status {

namespace {

/// Below it a script is quick whatever it does with the rows.
constexpr std::int64_t many_rows = 100'000;
/// Seconds a row: one set-based statement on a fast machine, and a row-by-row loop on a slow one.
constexpr double fast_row = 10e-6;
constexpr double slow_row = 2e-3;

std::optional<Estimate> estimate(const Pending& pending, const std::map<int, double>& upgrade_seconds) {
  if (const auto before = upgrade_seconds.find(pending.version); before != upgrade_seconds.end())
    return Estimate{before->second, before->second, "took so long here before"};
  switch (pending.kind) {
    case PendingKind::methods_only:
    case PendingKind::quick:
      return Estimate{0, 1, "few rows or none"};
    case PendingKind::slow:
    case PendingKind::online:
      break;
  }
  if (!pending.rows) return std::nullopt;
  const double rows = static_cast<double>(*pending.rows);
  return Estimate{rows * fast_row, rows * slow_row, "10 µs to 2 ms a row, by the planner's count of rows"};
}

}  // namespace

PendingKind kind_of(const Version& version, std::optional<std::int64_t> rows) {
  if (run::begins_online(version, Direction::upgrade) || version.online_migration) return PendingKind::online;
  if (!version.migration_script) return PendingKind::methods_only;
  if (!version.transactional)
    return rows.value_or(many_rows) >= many_rows ? PendingKind::slow : PendingKind::quick;
  const sql::ScriptEffects effects = sql::effects_of_block(version.migration_script->text);
  const bool reads_through = !effects.written.empty() || !effects.locks.empty();
  return reads_through && rows.value_or(0) >= many_rows ? PendingKind::slow : PendingKind::quick;
}

std::map<int, double> read_upgrade_seconds(pg::Connection& connection) {
  const pg::Result rows = connection.query(R"(
      select distinct on (version) version, extract(epoch from finished - started)
        from dbtool.steps
       where direction = 'upgrade' and outcome = 'done'
       order by version, finished desc)");
  std::map<int, double> seconds;
  for (int row = 0; row < rows.rows(); ++row)
    seconds[static_cast<int>(rows.integer(row, 0))] = rows.number(row, 1);
  return seconds;
}

std::vector<Pending> list_pending(const Project& project, int from,
                                  const std::map<std::string, std::int64_t>& table_rows,
                                  const std::map<int, double>& upgrade_seconds) {
  std::vector<Pending> list;
  for (int number = std::max(from, 1); number <= project.newest(); ++number) {
    const Version& version = project.version(number);
    Pending pending;
    pending.version = number;
    pending.description = version.description;
    if (version.migration_script)
      pending.rows = catalog::rows_named(version.migration_script->text, table_rows);
    pending.kind = kind_of(version, pending.rows);
    pending.estimate = estimate(pending, upgrade_seconds);
    list.push_back(std::move(pending));
  }
  return list;
}

}  // namespace dbtool::status
