#include <fmt/format.h>

#include "pg/quote.h"
#include "run/question.h"

namespace dbtool::run {

namespace {

void judge_obstacle(const pg::Result& rows, int row, std::set<std::string>& told, Preflight& found) {
  const std::string table(rows.text(row, 0));
  const std::string pid(rows.text(row, 1));
  if (rows.boolean(row, 7)) {
    if (told.insert("prepared").second) {
      found.problems.push_back(fmt::format(
          "a prepared transaction holds table {}, and would for ever: rollback prepared '…' (one of {})",
          table, rows.text(row, 8)));
    }
    return;
  }
  if (!told.insert(pid).second) return;
  if (rows.boolean(row, 6)) {
    found.problems.push_back(
        fmt::format("autovacuum (pid {}) works on table {} against wraparound and does not give way: wait "
                    "for its end, or vacuum before the window",
                    pid, table));
  } else if (rows.integer(row, 5) >= 60 || rows.text(row, 3) == "pg_dump") {
    found.warnings.push_back(fmt::format(
        "pid {} (user {}, application {}) has held table {} for {} s: select pg_terminate_backend({});", pid,
        rows.text(row, 2), rows.text(row, 3), table, rows.integer(row, 5), pid));
  }
}

// Whoever holds a lock on a table that a step will lock strongly.
Question holders(const Inquiry& inquiry) {
  return {{R"(
        select l.relation::regclass, coalesce(a.pid, 0), coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.query, ''),
               coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::integer,
               coalesce(a.query, '') like '%to prevent wraparound%' as wraparound,
               l.pid is null as prepared,
               (select string_agg(p.gid, ', ') from pg_prepared_xacts p where p.database = current_database())
          from unnest($1::text[]) t
          join pg_locks l on l.relation = to_regclass(t) and l.granted
           and l.database = (select oid from pg_database where datname = current_database())
          left join pg_stat_activity a on a.pid = l.pid
         where l.pid is distinct from pg_backend_pid())",
           {pg::array_literal({inquiry.touched.locked.begin(), inquiry.touched.locked.end()})}},
          [](const pg::Result& rows, Preflight& found) {
            std::set<std::string> told;
            for (int row = 0; row < rows.rows(); ++row) judge_obstacle(rows, row, told, found);
          }};
}

Question sight() {
  return {{"select pg_has_role(session_user, 'pg_monitor', 'USAGE')", {}},
          [](const pg::Result& row, Preflight& found) {
            if (row.boolean(0, 0)) return;
            found.warnings.emplace_back(
                "not a member of pg_monitor: queries and applications of other users stay hidden when they "
                "block a lock");
          }};
}

Question capacity(const Inquiry& inquiry) {
  const auto wanted = static_cast<std::int64_t>(inquiry.touched.locked.size());
  return {{R"(
        select current_setting('max_locks_per_transaction')::bigint
                 * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint))",
           {}},
          [wanted](const pg::Result& row, Preflight& found) {
            if (wanted <= row.integer(0, 0) * 8 / 10) return;
            found.problems.push_back(
                fmt::format("the plan locks {} tables, and the server's lock table has room for about {}: "
                            "raise max_locks_per_transaction and restart it",
                            wanted, row.integer(0, 0)));
          }};
}

}  // namespace

std::vector<Question> ask_obstacles(const Inquiry& inquiry) {
  // Steps that lock nothing have no obstacle.
  if (inquiry.touched.locked.empty()) return {};
  return {holders(inquiry), sight(), capacity(inquiry)};
}

}  // namespace dbtool::run
