#include "ledger/window.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ledger/readable.h"
#include "pg/error.h"
#include "pg/transaction.h"

namespace dbtool::ledger {

namespace {

constexpr int learnt_from = 5;
constexpr double margin = 1.25;
constexpr const char* unique_violation = "23505";

constexpr const char* columns = R"(
  select w.number, w.opened, w.closes, w.planned, w.closed, w.reserve, w.opened_by, w.reason,
         extract(epoch from w.opened), extract(epoch from w.closes),
         extract(epoch from coalesce(w.closed, clock_timestamp()) - w.opened),
         extract(epoch from w.closes - coalesce(w.closed, clock_timestamp())),
         r.runs, extract(epoch from w.closed - r.last)
    from dbtool.windows w
    left join lateral (select count(*) as runs, max(r.finished) as last from dbtool.runs r
                        where r.finished > w.opened and r.finished <= coalesce(w.closed, clock_timestamp())
                          and r.outcome <> 'lost') r on true)";

std::vector<WindowRecord> read(pg::Connection& connection, const std::string& rest,
                               const std::vector<pg::Parameter>& parameters = {}) {
  std::vector<WindowRecord> windows;
  if (!connection.query("select to_regclass('dbtool.windows') is not null").boolean(0, 0)) return windows;
  const pg::Result rows = connection.query(columns + rest, parameters);
  for (int row = 0; row < rows.rows(); ++row) {
    WindowRecord window;
    window.number = rows.integer(row, 0);
    window.opened_at = rows.text(row, 1);
    window.closes_at = rows.text(row, 2);
    window.planned_at = rows.text(row, 3);
    window.closed_at = rows.text(row, 4);
    window.reserve = rows.number(row, 5);
    window.opened_by = rows.text(row, 6);
    window.reason = rows.text(row, 7);
    window.opened_epoch = rows.number(row, 8);
    window.closes_epoch = rows.number(row, 9);
    window.elapsed = rows.number(row, 10);
    window.left = rows.number(row, 11);
    window.runs = static_cast<int>(rows.integer(row, 12));
    if (!rows.is_null(row, 13)) window.reopening = rows.number(row, 13);
    windows.push_back(std::move(window));
  }
  return windows;
}

std::optional<WindowRecord> only(std::vector<WindowRecord> windows) {
  if (windows.empty()) return std::nullopt;
  return std::move(windows.front());
}

WindowRecord numbered(pg::Connection& connection, const std::string& number) {
  return read(connection, " where w.number = $1", {number}).at(0);
}

Error none_is_open() {
  return Error(ExitCode::failed, "no window is open", "to open one: dbtool window open 12h --reserve 45m");
}

// Its row stays locked until the transaction ends, so that two who change it do so one after the other.
void lock_open_window(pg::Connection& connection) {
  if (!connection.query("select to_regclass('dbtool.windows') is not null").boolean(0, 0))
    throw none_is_open();
  if (connection.query("select 1 from dbtool.windows where closed is null for update").rows() == 0)
    throw none_is_open();
}

}  // namespace

double server_clock(pg::Connection& connection) {
  return connection.query("select extract(epoch from clock_timestamp())").number(0, 0);
}

double period_start(pg::Connection& connection, const std::string& unit) {
  return connection
      .query(
          "select extract(epoch from date_trunc($1, clock_timestamp() at time zone 'UTC') at time zone "
          "'UTC')",
          {unit})
      .number(0, 0);
}

WindowRecord open_window(pg::Connection& connection, const Session& session, const WindowStart& start) {
  if (const auto open = current_window(connection)) {
    throw Error(
        ExitCode::failed,
        fmt::format("window {} is open since {} (by {})", open->number, open->opened_at, open->opened_by),
        "to move its end: dbtool window extend 2h; when services are up again: dbtool window close");
  }
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  std::string number;
  try {
    const pg::Result opened = connection.query(
        R"(
        insert into dbtool.windows (number, opened, closes, planned, reserve, opened_by, reason)
        select (select coalesce(max(number), 0) + 1 from dbtool.windows), t, t + make_interval(secs => $1),
               t + make_interval(secs => $1), $2, $3, $4
          from clock_timestamp() t
        returning number)",
        {fmt::format("{}", start.length), fmt::format("{}", start.reserve), start.opened_by, start.reason});
    number = opened.text(0, 0);
  } catch (const pg::PgError& error) {
    if (!error.is(unique_violation)) throw;
    throw Error(ExitCode::failed, "somebody else has just opened a window", "to see it: dbtool window");
  }
  transaction.commit();
  return numbered(connection, number);
}

WindowRecord extend_window(pg::Connection& connection, const Session& session, double seconds) {
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  lock_open_window(connection);
  const pg::Result changed = connection.query(R"(
      update dbtool.windows set closes = closes + make_interval(secs => $1)
       where closed is null and closes + make_interval(secs => $1) > clock_timestamp()
      returning number)",
                                              {fmt::format("{}", seconds)});
  if (changed.rows() == 0) {
    throw Error(ExitCode::failed, "the window would still end in the past",
                "dbtool window says how far it is overrun; when services are up again: dbtool window close");
  }
  const std::string number(changed.text(0, 0));
  transaction.commit();
  return numbered(connection, number);
}

WindowRecord close_window(pg::Connection& connection, const Session& session, double ago) {
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  lock_open_window(connection);
  const pg::Result closed = connection.query(R"(
      update dbtool.windows
         set closed = greatest(opened, clock_timestamp() - make_interval(secs => $1))
       where closed is null returning number)",
                                             {fmt::format("{}", ago)});
  const std::string number(closed.text(0, 0));
  transaction.commit();
  return numbered(connection, number);
}

std::optional<WindowRecord> current_window(pg::Connection& connection) {
  return only(read(connection, " where w.closed is null"));
}

std::vector<WindowRecord> closed_windows(pg::Connection& connection, int limit) {
  return read(connection, fmt::format(" where w.closed is not null order by w.number desc limit {}", limit));
}

std::vector<WindowRecord> windows_between(pg::Connection& connection, double first, double last) {
  // The other questions decide what a run may do: whoever may not read the answer must not go on without.
  if (!are_readable(connection, {"windows", "runs"})) return {};
  return read(
      connection,
      " where w.opened < to_timestamp($2) and coalesce(w.closed, clock_timestamp()) > to_timestamp($1)"
      " order by w.number desc",
      {fmt::format("{}", first), fmt::format("{}", last)});
}

std::optional<double> learned_reserve(pg::Connection& connection) {
  const std::vector<WindowRecord> windows = read(connection, fmt::format(R"(
          where w.closed is not null and r.last is not null and w.closed - r.last >= interval '1 minute'
            and w.closed - r.last <= w.planned - w.opened
          order by w.number desc limit {})",
                                                                         learnt_from));
  std::optional<double> longest;
  for (const WindowRecord& window : windows)
    longest = std::max(longest.value_or(0), window.reopening.value_or(0));
  if (!longest) return std::nullopt;
  return std::max(1.0, std::ceil(*longest * margin / 60)) * 60;
}

}  // namespace dbtool::ledger
