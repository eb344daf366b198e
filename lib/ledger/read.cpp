#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "ledger/content.h"
#include "ledger/ledger.h"
#include "ledger/readable.h"
#include "ledger/run_lock.h"
#include "ledger/session.h"
#include "pg/quote.h"

namespace dbtool::ledger {

namespace {

Direction to_direction(std::string_view text) {
  return text == "downgrade" ? Direction::downgrade : Direction::upgrade;
}

void read_version_row(const pg::Result& rows, const std::string& table, State& state) {
  if (rows.rows() == 0) {
    throw Error(ExitCode::failed, fmt::format("the version table {} is empty; it must hold one row", table),
                "find out which version the database is at and put that row back by hand");
  }
  if (rows.rows() > 1) {
    throw Error(ExitCode::failed,
                fmt::format("the version table {} holds {} rows; it must hold one", table, rows.rows()),
                "find out which version the database is at and delete the other rows by hand");
  }
  // Whoever made the table may have given its column another type.
  const std::string_view said = rows.is_null(0, 0) ? "null" : rows.text(0, 0);
  const auto [end, failure] = std::from_chars(said.data(), said.data() + said.size(), state.version);
  if (failure != std::errc{} || end != said.data() + said.size() || state.version < 0) {
    throw Error(ExitCode::failed,
                fmt::format("the version table {} says {}, which is no version", table, said),
                "find out which version the database is at and correct the row by hand");
  }
}

void read_online(const pg::Result& rows, State& state) {
  for (int row = 0; row < rows.rows(); ++row) {
    OnlineState online;
    online.version = static_cast<int>(rows.integer(row, 0));
    online.direction = to_direction(rows.text(row, 1));
    online.rows_done = rows.integer(row, 2);
    online.batches = rows.integer(row, 3);
    online.started_at = rows.text(row, 4);
    online.updated_at = rows.text(row, 5);
    online.last_batch_at = rows.text(row, 6);
    if (rows.columns() > 7) {
      online.declared = rows.boolean(row, 7);
      online.phase = rows.text(row, 8) == "verify" ? OnlinePhase::verify : OnlinePhase::walk;
      online.pass = static_cast<int>(rows.integer(row, 9));
      if (!rows.is_null(row, 10)) online.rows_total = rows.integer(row, 10);
      online.workers = static_cast<int>(rows.integer(row, 11));
      online.rows_per_second = rows.number(row, 12);
      online.note = rows.text(row, 13);
      online.rows_verified = rows.integer(row, 14);
      online.differing = rows.integer(row, 15);
    }
    state.online = online;
  }
}

// One statement for either format, for the first answer tells which it is.
constexpr const char* online_of_format_1 =
    "select version, direction, rows_done, batches, started, updated, updated from dbtool.online";
constexpr const char* online_of_format_2 = R"(
  with last as materialized (
    select r.version, c.batch, c.rows, c.differing, c.made
      from dbtool.ranges r
      cross join lateral (select * from dbtool.checkpoints c where c.version = r.version and c.range = r.range
                           order by c.batch desc limit 1) c)
  select o.version, o.direction,
         o.rows_done + coalesce(sum(l.rows) filter (where o.phase = 'walk'), 0), coalesce(sum(l.batch), 0),
         o.started, greatest(o.updated, max(l.made)), max(l.made), o.declared, o.phase, o.pass, o.rows_total, o.workers, o.rate, o.note,
         coalesce(sum(l.rows) filter (where o.phase = 'verify'), 0), coalesce(sum(l.differing), 0)
    from dbtool.online o left join last l using (version)
   group by o.version)";

// The functions are dropped when an online migration is complete: while they are there it is not.
void find_online_functions(const pg::Result& names, State& state) {
  for (int row = 0; row < names.rows() && !state.online; ++row) {
    for (const Direction direction : {Direction::upgrade, Direction::downgrade}) {
      const int version = direction == Direction::upgrade ? state.version : state.version + 1;
      const std::string name = fmt::format(
          "online_{}_v{}_batch", direction == Direction::upgrade ? "migration" : "downgrade", version);
      if (names.text(row, 0) == name) {
        state.online = OnlineState{};
        state.online->version = version;
        state.online->direction = direction;
        state.online->recorded = false;
      }
    }
  }
}

pg::Statement read_version(const std::string& version_table) {
  return pg::repeated("select version from " + version_table);
}

/// `version_table`: quoted; read in the same round trip where it is there.
void read_ledger(pg::Connection& connection, const std::string& version_table, const Settings& settings,
                 State& state) {
  std::vector<pg::Statement> statements(
      {pg::repeated("select format, name, recorded_version from dbtool.ledger"),
       pg::repeated("select version, checksum, adopted, applied from dbtool.versions order by 1"),
       // Formats before 7 know of no turned ones.
       pg::repeated(R"(select version, direction, position, started,
                              coalesce((to_jsonb(p) ->> 'turned')::boolean, false), checksum, content
                         from dbtool.positions p)"),
       pg::repeated(state.ledger_format >= format_of_ranges ? online_of_format_2 : online_of_format_1)});
  if (state.version_table) statements.push_back(read_version(version_table));
  const std::vector<pg::Result> results = connection.batch(statements);
  const pg::Result& head = results[0];
  if (head.rows() == 1) {
    state.name = head.text(0, 1);
    if (!head.is_null(0, 2)) state.recorded_version = static_cast<int>(head.integer(0, 2));
  }
  for (int row = 0; row < results[1].rows(); ++row) {
    const int number = static_cast<int>(results[1].integer(row, 0));
    state.applied[number] = {number, std::string(results[1].text(row, 1)), results[1].boolean(row, 2),
                             std::string(results[1].text(row, 3))};
  }
  const pg::Result& positions = results[2];
  if (positions.rows() > 0) {
    state.partly = PartlyState{static_cast<int>(positions.integer(0, 0)),
                               to_direction(positions.text(0, 1)),
                               static_cast<int>(positions.integer(0, 2)),
                               static_cast<int>(positions.integer(0, 3)),
                               positions.boolean(0, 4),
                               std::string(positions.text(0, 5)),
                               std::string(positions.text(0, 6))};
  }
  read_online(results[3], state);
  if (state.version_table) read_version_row(results[4], settings.version_table, state);
}

State read_whole_state(pg::Connection& connection, const Settings& settings) {
  State state;
  const std::string table = pg::quote_qualified(settings.version_table);
  const auto there = connection.batch(
      {pg::repeated("select to_regclass($1) is not null, to_regclass('dbtool.ledger') is not null", {table}),
       pg::repeated(R"(select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname = 'public' and p.proname ~ '^online_(migration|downgrade)_v[0-9]+_batch$')")});
  state.version_table = there[0].boolean(0, 0);
  state.ledger = there[0].boolean(0, 1);
  if (state.ledger) {
    const pg::Result head = connection.ask("select format from dbtool.ledger");
    state.ledger_format = head.rows() == 1 ? static_cast<int>(head.integer(0, 0)) : 0;
    if (state.ledger_format > format) {
      throw Error(ExitCode::failed,
                  fmt::format("the database's ledger has format {}; this dbtool knows {}",
                              state.ledger_format, format),
                  "use the newer dbtool that wrote it");
    }
    read_ledger(connection, table, settings, state);
  } else if (state.version_table) {
    read_version_row(connection.batch({read_version(table)}).front(), settings.version_table, state);
  }
  // What is noted for a version that the row has left or not yet reached was overtaken by another tool.
  if (state.online) {
    const int due = state.online->direction == Direction::upgrade ? state.version : state.version + 1;
    // Versions that only change methods may have come on top of one that still moves rows.
    const bool below = state.online->direction == Direction::upgrade && state.online->version < due &&
                       state.recorded_version == state.version;
    if (state.online->version != due && !below) state.online.reset();
  }
  find_online_functions(there[1], state);
  return state;
}

std::string read_recorded_name(pg::Connection& connection) {
  if (!connection.query("select to_regclass('dbtool.ledger') is not null").boolean(0, 0)) return "";
  const pg::Result head = connection.query("select name from dbtool.ledger");
  return head.rows() == 1 ? std::string(head.text(0, 0)) : "";
}

}  // namespace

State read_state(pg::Connection& connection, const Settings& settings) {
  try {
    return read_whole_state(connection, settings);
  } catch (const pg::PgError& error) {
    rethrow_unreadable(connection, error);
  }
}

std::map<int, Version> read_contents(pg::Connection& connection, int first, int last) {
  const pg::Result rows = connection.query(
      "select version, checksum, content from dbtool.versions where version between $1 and $2",
      {std::to_string(first), std::to_string(last)});
  std::map<int, Version> contents;
  for (int row = 0; row < rows.rows(); ++row) {
    const int number = static_cast<int>(rows.integer(row, 0));
    contents[number] = from_content(number, std::string(rows.text(row, 1)), std::string(rows.text(row, 2)));
  }
  return contents;
}

namespace {

constexpr const char* run_columns =
    "run, command, from_version, goal, outcome, message, started, finished, database_user, os_user, host, "
    "pid, backend_pid, extract(epoch from coalesce(finished, clock_timestamp()) - started), "
    "extract(epoch from started)";

RunRecord to_run(const pg::Result& rows, int row) {
  RunRecord run;
  run.id = rows.integer(row, 0);
  run.command = rows.text(row, 1);
  run.from = static_cast<int>(rows.integer(row, 2));
  run.goal = static_cast<int>(rows.integer(row, 3));
  run.outcome = rows.text(row, 4);
  run.message = rows.text(row, 5);
  run.started_at = rows.text(row, 6);
  run.finished_at = rows.text(row, 7);
  run.database_user = rows.text(row, 8);
  run.os_user = rows.text(row, 9);
  run.host = rows.text(row, 10);
  run.pid = static_cast<int>(rows.integer(row, 11));
  run.backend_pid = static_cast<int>(rows.integer(row, 12));
  run.seconds = rows.number(row, 13);
  run.started_epoch = rows.number(row, 14);
  return run;
}

}  // namespace

std::string read_name(pg::Connection& connection) {
  try {
    return read_recorded_name(connection);
  } catch (const pg::PgError& error) {
    rethrow_unreadable(connection, error);
  }
}

std::vector<RunRecord> read_runs(pg::Connection& connection, int limit) {
  std::vector<RunRecord> runs;
  if (!are_readable(connection, {"runs"})) return runs;
  const pg::Result rows = connection.query(
      fmt::format("select {} from dbtool.runs order by run desc limit {}", run_columns, limit));
  for (int row = 0; row < rows.rows(); ++row) runs.push_back(to_run(rows, row));
  return runs;
}

std::vector<StepRecord> read_steps(pg::Connection& connection, std::int64_t run) {
  return read_steps(connection, run, run);
}

std::vector<StepRecord> read_steps(pg::Connection& connection, std::int64_t first, std::int64_t last) {
  std::vector<StepRecord> steps;
  if (!are_readable(connection, {"steps", "runs"})) return steps;
  const pg::Result rows = connection.query(
      R"(select s.run, s.version, s.direction, s.outcome, s.started, s.finished,
                extract(epoch from s.finished - s.started), s.wal_bytes, extract(epoch from s.started - r.started)
           from dbtool.steps s join dbtool.runs r using (run)
          where run between $1 and $2 order by run, s.finished)",
      {std::to_string(first), std::to_string(last)});
  for (int row = 0; row < rows.rows(); ++row) {
    steps.push_back({rows.integer(row, 0), static_cast<int>(rows.integer(row, 1)),
                     to_direction(rows.text(row, 2)), std::string(rows.text(row, 3)),
                     std::string(rows.text(row, 4)), std::string(rows.text(row, 5)), rows.number(row, 6),
                     rows.integer(row, 7), rows.number(row, 8)});
  }
  return steps;
}

std::optional<RunRecord> running(pg::Connection& connection) {
  const pg::Result holder = connection.query(fmt::format(R"(
      select l.pid, a.usename, a.backend_start
        from pg_locks l left join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.classid = {} and l.objid = 0 and l.objsubid = 2 and l.granted
         and l.database = (select oid from pg_database where datname = current_database()))",
                                                         lock_class));
  if (holder.rows() == 0) return std::nullopt;
  RunRecord run;
  run.outcome = "running";
  run.backend_pid = static_cast<int>(holder.integer(0, 0));
  run.database_user = holder.text(0, 1);
  run.started_at = holder.text(0, 2);
  if (!are_readable(connection, {"runs"})) return run;
  const pg::Result rows = connection.query(fmt::format("select {} from dbtool.runs where outcome = 'running' "
                                                       "and backend_pid = $1 order by run desc limit 1",
                                                       run_columns),
                                           {std::string(holder.text(0, 0))});
  return rows.rows() == 0 ? run : to_run(rows, 0);
}

}  // namespace dbtool::ledger
