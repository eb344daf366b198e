#include "run/window_preflight.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>

#include "pg/quote.h"
#include "run/question.h"
#include "run/replicas.h"
#include "window/words.h"

namespace dbtool::run {

namespace {

// -- backups ------------------------------------------------------------------------------------------------

/// Seconds that the clock of who makes backups may be ahead.
constexpr double clocks_differ = 60;

constexpr const char* backup_session = "-c statement_timeout=10s -c default_transaction_read_only=on";

/// Whole numbers are left out: the difference of two dates is one, of days.
bool is_seconds(unsigned type) {
  constexpr unsigned numbers[] = {700, 701, 1700};  // OIDs are the same on every server
  return std::find(std::begin(numbers), std::end(numbers), type) != std::end(numbers);
}

/// Seconds; nullopt: the query knows of no good backup.
std::optional<double> read_backup_age(const pg::Connection& connection, const std::string& query,
                                      const std::function<void()>& on_wait) {
  constexpr unsigned interval = 1186;
  pg::Address address = connection.address();
  address.options.emplace_back(backup_session);
  pg::Connection own = pg::Connection::open(address, on_wait);
  own.on_wait(on_wait);
  const pg::Result answer = own.query(query);
  if (answer.columns() != 1 || answer.rows() > 1)
    throw Error(ExitCode::failed, fmt::format("it gives {} rows of {} columns, and one value is wanted",
                                              answer.rows(), answer.columns()));
  if (answer.rows() == 0 || answer.is_null(0, 0)) return std::nullopt;
  if (answer.column_type(0) == interval)
    return own.query("select extract(epoch from $1::interval)", {std::string(answer.text(0, 0))})
        .number(0, 0);
  if (!is_seconds(answer.column_type(0)))
    throw Error(ExitCode::failed, "it gives neither an interval nor seconds (numeric or double precision)");
  return answer.number(0, 0);
}

void check_backup(const pg::Connection& connection, const BackupSettings& backup,
                  const InterruptCount& interrupts, Preflight& found) {
  const auto stop_if_wished = [&] {
    if (interrupts && interrupts() > 0) throw Error(ExitCode::stopped, "as asked; nothing was begun");
  };
  try {
    const std::optional<double> age = read_backup_age(connection, backup.query, stop_if_wished);
    const double limit = std::chrono::duration<double>(backup.limit).count();
    if (!age) {
      found.problems.push_back(
          fmt::format("no good backup is known of, and one is to be less than {} old: make one, or mend the "
                      "query of backupAge",
                      window::span_to_text(limit)));
    } else if (!(*age >= -clocks_differ) || !std::isfinite(*age)) {
      found.problems.push_back(fmt::format(
          "the last good backup is {} s old, says the query of backupAge, which cannot be: mend it", *age));
    } else if (*age > limit) {
      found.problems.push_back(
          fmt::format("the last good backup is {} old, and is to be less than {}: make one first",
                      window::span_to_text(*age), window::span_to_text(limit)));
    }
  } catch (const Error& error) {
    if (error.exit_code() == ExitCode::stopped) throw;
    found.problems.push_back(
        fmt::format("the age of the last backup cannot be told, the query of backupAge fails: {}: mend it",
                    error.what()));
  }
}

// -- sessions -----------------------------------------------------------------------------------------------

// Whoever holds a table of the plan is told by the preflight of every run. Applications can be seen by all,
// how old a transaction is by pg_monitor and its own user alone.
constexpr const char* sessions_query = R"(
with held as (
  select l.pid, l.virtualtransaction
    from unnest($1::text[]) t
    join pg_locks l on l.relation = to_regclass(t) and l.granted
     and l.database = (select oid from pg_database where datname = current_database())
)
select a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''),
       extract(epoch from clock_timestamp() - a.xact_start),
       a.application_name = 'pg_dump'
  from pg_stat_activity a
 where a.datname = current_database() and a.pid <> pg_backend_pid()
   and a.application_name is distinct from 'dbtool'
   and (a.application_name = 'pg_dump'
        or a.state like 'idle in transaction%' and clock_timestamp() - a.state_change > interval '1 minute')
   and a.pid not in (select pid from held where pid is not null)
 order by a.xact_start)";

constexpr const char* prepared_query = R"(
select p.gid, extract(epoch from clock_timestamp() - p.prepared)
  from pg_prepared_xacts p
 where p.database = current_database()
   and not exists (select from unnest($1::text[]) t
                     join pg_locks l on l.relation = to_regclass(t) and l.granted and l.pid is null
                      and l.database = (select oid from pg_database where datname = current_database()))
 order by p.prepared)";

void tell_sessions(const pg::Result& rows, Preflight& found) {
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string age = rows.is_null(row, 3) ? "some time" : window::span_to_text(rows.number(row, 3));
    found.warnings.push_back(
        rows.boolean(row, 4)
            ? fmt::format(
                  "a pg_dump (pid {}, user {}) reads this database for {}, and will hold every table: "
                  "wait for its end, or select pg_terminate_backend({});",
                  rows.text(row, 0), rows.text(row, 1), age, rows.text(row, 0))
            : fmt::format("pid {} (user {}, application {}) is idle in a transaction that is {} old, and "
                          "keeps dead rows from being vacuumed: select pg_terminate_backend({});",
                          rows.text(row, 0), rows.text(row, 1), rows.text(row, 2), age, rows.text(row, 0)));
  }
}

void tell_prepared(const pg::Result& rows, Preflight& found) {
  for (int row = 0; row < rows.rows(); ++row) {
    found.warnings.push_back(fmt::format(
        "a transaction was prepared {} ago and is open since, no index can be built concurrently "
        "beside it: rollback prepared {};",
        window::span_to_text(rows.number(row, 1)), pg::quote_literal(std::string(rows.text(row, 0)))));
  }
}

void take_in(Preflight& found, Preflight more) {
  std::move(more.problems.begin(), more.problems.end(), std::back_inserter(found.problems));
  std::move(more.warnings.begin(), more.warnings.end(), std::back_inserter(found.warnings));
}

}  // namespace

Preflight window_preflight(pg::Connection& connection, const Project& project, const Plan& plan,
                           const WindowSpan& span, const InterruptCount& interrupts) {
  const WindowSettings& settings = project.settings.window;
  Preflight found = window_rules(settings, span);
  if (settings.backup_age) check_backup(connection, *settings.backup_age, interrupts, found);
  if (settings.tells_replicas) take_in(found, check_replicas(connection, project.settings));
  const Touched touched = touched_by(plan);
  const std::string locked = pg::array_literal({touched.locked.begin(), touched.locked.end()});
  const std::vector<pg::Result> answers =
      connection.batch({{sessions_query, {locked}}, {prepared_query, {locked}}});
  tell_sessions(answers[0], found);
  tell_prepared(answers[1], found);
  if (plan.direction == Direction::downgrade) {
    std::move(found.problems.begin(), found.problems.end(), std::back_inserter(found.warnings));
    found.problems.clear();
  }
  return found;
}

}  // namespace dbtool::run
