#include "status/pending.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "run/plan.h"
#include "sql/parse.h"

namespace dbtool::status {

namespace {

/// Below it a script is quick whatever it does with the rows.
constexpr std::int64_t many_rows = 100'000;
/// Seconds a row: one set-based statement on a fast machine, and a row-by-row loop on a slow one.
constexpr double fast_row = 10e-6;
constexpr double slow_row = 2e-3;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

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

std::optional<std::int64_t> rows_named(std::string_view script,
                                       const std::map<std::string, std::int64_t>& table_rows) {
  std::optional<std::int64_t> most;
  std::size_t at = 0;
  while (at < script.size()) {
    if (!is_word(script[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < script.size() && is_word(script[end])) ++end;
    const auto found = table_rows.find(std::string(script.substr(at, end - at)));
    if (found != table_rows.end()) most = std::max(most.value_or(0), found->second);
    at = end;
  }
  return most;
}

PendingKind kind_of(const Version& version, std::optional<std::int64_t> rows) {
  if (run::begins_online(version, Direction::upgrade) || version.online_migration) return PendingKind::online;
  if (!version.migration_script) return PendingKind::methods_only;
  if (!version.transactional)
    return rows.value_or(many_rows) >= many_rows ? PendingKind::slow : PendingKind::quick;
  const bool writes = !sql::written_tables_of_block(version.migration_script->text).empty();
  const bool locks = !sql::strong_locks_of_block(version.migration_script->text).empty();
  return (writes || locks) && rows.value_or(0) >= many_rows ? PendingKind::slow : PendingKind::quick;
}

std::map<std::string, std::int64_t> read_table_rows(pg::Connection& connection) {
  const pg::Result rows = connection.query(R"(
      select c.relname, greatest(c.reltuples::bigint, s.n_live_tup, 0)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        left join pg_stat_user_tables s on s.relid = c.oid
       where n.nspname = 'public' and c.relkind in ('r', 'p'))");
  std::map<std::string, std::int64_t> table_rows;
  for (int row = 0; row < rows.rows(); ++row)
    table_rows[std::string(rows.text(row, 0))] = rows.integer(row, 1);
  return table_rows;
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
    if (version.migration_script) pending.rows = rows_named(version.migration_script->text, table_rows);
    pending.kind = kind_of(version, pending.rows);
    pending.estimate = estimate(pending, upgrade_seconds);
    list.push_back(std::move(pending));
  }
  return list;
}

}  // namespace dbtool::status
