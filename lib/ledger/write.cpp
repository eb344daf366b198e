#include "ledger/write.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/content.h"
#include "pg/quote.h"
#include "pg/transaction.h"

namespace dbtool::ledger {

namespace {

/// Writes a version's record over an older one; the arguments are SQL.
std::string insert_version(const char* number, const char* checksum, const char* adopted, const char* content,
                           const char* run) {
  return fmt::format(R"(insert into dbtool.versions (version, checksum, adopted, content, run)
             values ({}, {}, {}, {}, {})
             on conflict (version) do update
               set checksum = excluded.checksum, adopted = excluded.adopted, content = excluded.content,
                   run = excluded.run, applied = excluded.applied)",
                     number, checksum, adopted, content, run);
}

pg::Statement record_adopted(const Version& version, std::int64_t run) {
  return {insert_version("$1", "$2", "true", "$3", "$4"),
          {std::to_string(version.number), version.checksum, to_content(version), std::to_string(run)},
          true};
}

std::vector<pg::Statement> forget_online(const std::string& version) {
  return {{"delete from dbtool.checkpoints where version = $1", {version}},
          {"delete from dbtool.ranges where version = $1", {version}},
          {"delete from dbtool.control where version = $1", {version}},
          {"delete from dbtool.online where version = $1", {version}}};
}

// Makes the records agree with the version row: the row wins, whoever has moved it.
std::vector<pg::Statement> adopt(const State& state, const Project& project, std::int64_t run) {
  std::vector<pg::Statement> statements;
  statements.push_back(
      pg::repeated("delete from dbtool.versions where version > $1", {std::to_string(state.version)}));
  for (int number = 1; number <= std::min(state.version, project.newest()); ++number) {
    if (state.applied.contains(number)) continue;
    statements.push_back(record_adopted(project.version(number), run));
  }
  if (state.recorded_version && *state.recorded_version != state.version) {
    statements.push_back({R"(insert into dbtool.steps (run, version, direction, outcome, started)
                             values ($1, $2, $3, 'moved by another tool', clock_timestamp()))",
                          {std::to_string(run), std::to_string(state.version),
                           state.version > *state.recorded_version ? "upgrade" : "downgrade"}});
  }
  // Functions of an online migration that the ledger does not know of: begun by another tool, or by an older
  // dbtool.
  if (state.online && !state.online->recorded) {
    for (pg::Statement& statement :
         online_begin_statements(state.online->direction, state.online->version, false)) {
      statements.push_back(std::move(statement));
    }
  }
  // Whatever else is noted was overtaken by another tool.
  const std::string online = std::to_string(state.online ? state.online->version : 0);
  for (const char* table : {"checkpoints", "ranges", "control", "online"}) {
    statements.push_back(
        pg::repeated(fmt::format("delete from dbtool.{} where version <> $1", table), {online}));
  }
  statements.push_back(
      pg::repeated("update dbtool.ledger set recorded_version = $1", {std::to_string(state.version)}));
  return statements;
}

}  // namespace

std::int64_t begin_run(pg::Connection& connection, const Session& session, const RunStart& start,
                       const State& state, const Project& project) {
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  const std::vector<pg::Result> begun = connection.batch(
      {pg::repeated("select 1 from dbtool.ledger for update"),
       pg::repeated(R"(update dbtool.runs set outcome = 'lost', finished = clock_timestamp(),
                              message = 'ended without a word' where outcome = 'running')"),
       pg::repeated(
           R"(insert into dbtool.runs (run, command, from_version, goal, os_user, host, pid, backend_pid)
         values ((select coalesce(max(run), 0) + 1 from dbtool.runs), $1, $2, $3, $4, $5, $6, $7) returning run)",
           {start.command, std::to_string(start.from), std::to_string(start.goal), start.os_user, start.host,
            std::to_string(start.pid), std::to_string(start.backend_pid)})});
  const std::int64_t run = begun.back().integer(0, 0);
  std::vector<pg::Statement> statements = adopt(state, project, run);
  statements.push_back(
      pg::repeated("update dbtool.ledger set current_run = $1, name = coalesce(nullif($2, ''), name)",
                   {std::to_string(run), start.name}));
  connection.batch(statements);
  transaction.commit();
  return run;
}

void finish_run(pg::Connection& connection, const Session& session, std::int64_t run,
                const std::string& outcome, const std::string& message,
                const std::optional<FailedStep>& failed) {
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  if (failed) {
    connection.query(
        R"(
        insert into dbtool.failed_steps (run, version, direction, outcome, started)
        select run, $2, $3, $4, coalesce((select max(finished) from dbtool.steps where run = $1), started)
          from dbtool.runs where run = $1)",
        {std::to_string(run), std::to_string(failed->version), to_text(failed->direction), outcome});
  }
  connection.ask(
      "update dbtool.runs set outcome = $2, message = $3, finished = clock_timestamp() where run = $1",
      {std::to_string(run), outcome, message});
  transaction.commit();
}

pg::Statement note_wal_position() {
  return {"select set_config('dbtool.wal_position', pg_current_wal_insert_lsn()::text, true)", {}, true};
}

namespace {

constexpr const char* add_step =
    R"(insert into dbtool.steps (run, version, direction, outcome, started, wal_bytes)
values ($1::bigint, $2::integer, $3, $4, now(),
        pg_current_wal_insert_lsn() - current_setting('dbtool.wal_position')::pg_lsn))";

// Its many transactions are over; the WAL of this last one would say nothing of them.
constexpr const char* add_online_step =
    R"(insert into dbtool.steps (run, version, direction, outcome, started)
select $1::bigint, $2::integer, $3, $4, started from dbtool.online where version = $2::integer)";

/// That the step leaves a version table which the next run can read: a script, or a trigger, may have taken
/// its row away or put others beside it.
void judge_version_row(const pg::Result& written) {
  const std::int64_t rows = written.integer(0, 0);
  if (rows == 1) return;
  pg::ErrorFields fields;
  fields.severity = "ERROR";
  fields.message = fmt::format("the version table holds {} now; it must hold the one row that was there",
                               rows == 0 ? "no row that can be written" : fmt::format("{} rows", rows));
  throw pg::PgError(
      ExitCode::failed, std::move(fields),
      "leave the version table to dbtool: take what changes it out of the script (or its trigger), "
      "then run the same command again");
}

}  // namespace

// One statement, which the server keeps: for a small version these writes are much of the work.
std::vector<pg::Statement> step_end_statements(const Session& session, const StepEnd& end,
                                               const Version& version) {
  std::vector<pg::Parameter> parameters{std::to_string(end.run), std::to_string(end.version),
                                        to_text(end.direction),
                                        end.finishes_online ? "online part done" : "done"};
  if (end.finishes_online) return {{add_online_step, std::move(parameters)}};
  std::string versions = "delete from dbtool.versions where version >= $2::integer";
  parameters.emplace_back(std::to_string(end.leaves));
  if (end.direction == Direction::upgrade) {
    versions = insert_version("$2::integer", "$6", "false", "$7", "$1::bigint");
    parameters.emplace_back(version.checksum);
    parameters.emplace_back(to_content(version));
  }
  pg::Statement statement{
      fmt::format(R"(with version_row as (update {} set version = $5::integer returning version),
     versions as ({}),
     ledger as (update dbtool.ledger set recorded_version = $5::integer)
{}
returning (select count(*) from version_row))",
                  session.version_table, versions, add_step),
      std::move(parameters), true};
  statement.judge = judge_version_row;
  return {std::move(statement)};
}

std::string online_function(Direction direction, int version, const char* which) {
  return fmt::format("online_{}_v{}_{}", direction == Direction::upgrade ? "migration" : "downgrade", version,
                     which);
}

std::vector<pg::Statement> online_begin_statements(Direction direction, int version, bool declared) {
  const std::string number = std::to_string(version);
  std::vector<pg::Statement> statements = forget_online(number);
  statements.push_back({R"(insert into dbtool.online (version, direction, declared)
                           select $1, $2, $3 where $3 or to_regproc($4) is not null)",
                        {number, to_text(direction), declared ? "true" : "false",
                         "public." + online_function(direction, version, "batch")}});
  // By functions there is one range; those of a declared one are cut when the walk begins.
  statements.push_back(
      {"insert into dbtool.ranges (version, range) select version, 1 from dbtool.online where version = $1 "
       "and not declared",
       {number}});
  return statements;
}

std::vector<pg::Statement> online_end_statements(Direction direction, int version) {
  std::vector<pg::Statement> statements{
      {fmt::format("drop function if exists {}(integer, jsonb)",
                   online_function(direction, version, "batch")),
       {}},
      {fmt::format("drop function if exists {}()", online_function(direction, version, "is_complete")), {}}};
  for (pg::Statement& statement : forget_online(std::to_string(version)))
    statements.push_back(std::move(statement));
  return statements;
}

std::vector<pg::Statement> position_statements(const Version& version, Direction direction, int position,
                                               int started, bool turned) {
  return {{R"(insert into dbtool.positions (version, direction, position, started, turned, checksum, content)
              values ($1, $2, $3, $4, $5, $6, $7)
              on conflict (version) do update
                set direction = excluded.direction, position = excluded.position, started = excluded.started,
                    turned = excluded.turned, checksum = excluded.checksum, content = excluded.content)",
           {std::to_string(version.number), to_text(direction), std::to_string(position),
            std::to_string(started), turned ? "true" : "false", version.checksum, to_content(version)}}};
}

pg::Statement position_end_statement(int version) {
  return {"delete from dbtool.positions where version = $1", {std::to_string(version)}};
}

void accept_changed(pg::Connection& connection, const Session& session, const Version& version) {
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  connection.query("update dbtool.versions set checksum = $2, content = $3 where version = $1",
                   {std::to_string(version.number), version.checksum, to_content(version)});
  transaction.commit();
}

std::vector<pg::Statement> create_version_table(const Session& session) {
  return {{fmt::format("create table {} (version integer not null)", session.version_table), {}},
          {fmt::format("insert into {} values (0)", session.version_table), {}}};
}

}  // namespace dbtool::ledger
