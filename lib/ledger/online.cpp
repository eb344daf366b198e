#include "ledger/online.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace dbtool::ledger {

namespace {

using nlohmann::json;

// JSON instead of an array: its text needs no parser of our own.
pg::Parameter to_parameter(const std::optional<KeyValue>& value) {
  return value ? pg::Parameter(json(*value).dump()) : std::nullopt;
}

std::optional<KeyValue> to_key_value(const pg::Result& rows, int row, int column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return json::parse(rows.text(row, column)).get<KeyValue>();
}

pg::Statement insert_range(int version, const RangeRecord& range) {
  return {"insert into dbtool.ranges (version, range, low, high) values ($1, $2, $3, $4)",
          {std::to_string(version), std::to_string(range.range), to_parameter(range.low),
           to_parameter(range.high)}};
}

}  // namespace

PassId read_pass(pg::Connection& connection, int version) {
  const pg::Result row =
      connection.query("select phase, pass from dbtool.online where version = $1", {std::to_string(version)});
  if (row.rows() == 0) return {};
  return {row.text(0, 0) == to_text(OnlinePhase::verify) ? OnlinePhase::verify : OnlinePhase::walk,
          static_cast<int>(row.integer(0, 1))};
}

std::vector<RangeRecord> read_ranges(pg::Connection& connection, int version) {
  const pg::Result rows = connection.query(
      R"(select r.range, r.low, r.high, c.batch, c.at, c.state, c.rows, c.differing, c.size, c.done
           from dbtool.ranges r
           left join lateral (select * from dbtool.checkpoints c where c.version = r.version and c.range = r.range
                               order by c.batch desc limit 1) c on true
          where r.version = $1 order by r.range)",
      {std::to_string(version)});
  std::vector<RangeRecord> ranges;
  for (int row = 0; row < rows.rows(); ++row) {
    RangeRecord range{
        static_cast<int>(rows.integer(row, 0)), to_key_value(rows, row, 1), to_key_value(rows, row, 2), {}};
    if (!rows.is_null(row, 3)) {
      range.last = {rows.integer(row, 3), to_key_value(rows, row, 4), rows.optional_text(row, 5),
                    rows.integer(row, 6), rows.integer(row, 7),       static_cast<int>(rows.integer(row, 8)),
                    rows.boolean(row, 9)};
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

bool has_checkpoint(pg::Connection& connection, int version, int range, std::int64_t batch) {
  return connection
      .query(
          "select exists (select from dbtool.checkpoints where version = $1 and range = $2 and batch = $3)",
          {std::to_string(version), std::to_string(range), std::to_string(batch)})
      .boolean(0, 0);
}

pg::Statement checkpoint_statement(int version, int range, const Checkpoint& checkpoint) {
  return {R"(insert into dbtool.checkpoints (version, range, batch, at, state, rows, differing, size, done)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9))",
          {std::to_string(version), std::to_string(range), std::to_string(checkpoint.batch),
           to_parameter(checkpoint.at), checkpoint.state, std::to_string(checkpoint.rows),
           std::to_string(checkpoint.differing), std::to_string(checkpoint.size),
           checkpoint.done ? "true" : "false"}};
}

std::vector<pg::Statement> begin_pass_statements(const PassStart& start) {
  const std::string version = std::to_string(start.version);
  std::vector<pg::Statement> statements{
      {R"(with last as (select distinct on (range) rows from dbtool.checkpoints where version = $1
                         order by range, batch desc)
          update dbtool.online o
             set rows_done = case when o.declared then 0
                                  when o.phase = 'walk' then o.rows_done + coalesce((select sum(rows) from last), 0)
                                  else o.rows_done end,
                 phase = $3, pass = $5, walked = $6, rows_total = coalesce($4, o.rows_total), updated = clock_timestamp()
           where o.version = $1 and o.direction = $2)",
       {version, to_text(start.direction), to_text(start.phase),
        start.rows_total ? pg::Parameter(std::to_string(*start.rows_total)) : std::nullopt,
        std::to_string(start.pass), start.walked}},
      {"delete from dbtool.checkpoints where version = $1", {version}},
      {"delete from dbtool.ranges where version = $1", {version}}};
  for (const RangeRecord& range : start.ranges) statements.push_back(insert_range(start.version, range));
  return statements;
}

std::vector<pg::Statement> split_range_statements(int version, int range, const KeyValue& middle,
                                                  const RangeRecord& second) {
  return {{"update dbtool.ranges set high = $3 where version = $1 and range = $2",
           {std::to_string(version), std::to_string(range), to_parameter(middle)}},
          insert_range(version, second)};
}

bool has_range(pg::Connection& connection, int version, int range) {
  return connection
      .query("select exists (select from dbtool.ranges where version = $1 and range = $2)",
             {std::to_string(version), std::to_string(range)})
      .boolean(0, 0);
}

pg::Statement tidy_checkpoints_statement(int version) {
  return {R"(delete from dbtool.checkpoints c
              where c.version = $1
                and c.batch < (select max(l.batch) from dbtool.checkpoints l
                                where l.version = c.version and l.range = c.range))",
          {std::to_string(version)}};
}

pg::Statement engine_note_statement(int version, const EngineNote& note) {
  return {
      "update dbtool.online set workers = $2, rate = $3, note = $4, updated = clock_timestamp() where "
      "version = $1",
      {std::to_string(version), std::to_string(note.workers), fmt::format("{}", note.rows_per_second),
       note.note}};
}

pg::Statement curve_statement(const CurvePoint& point) {
  return {
      R"(insert into dbtool.curve (run, version, direction, phase, rows_done, rate, workers, batch_size, batch_seconds, note)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))",
      {std::to_string(point.run), std::to_string(point.version), to_text(point.direction),
       to_text(point.phase), std::to_string(point.rows_done), fmt::format("{}", point.rows_per_second),
       std::to_string(point.workers), std::to_string(point.batch_size),
       fmt::format("{}", point.batch_seconds), point.note}};
}

pg::Statement thin_curve_statement(std::int64_t run, int version) {
  return {R"(delete from dbtool.curve c using (
               select ctid, row_number() over (order by made) as number from dbtool.curve where run = $1 and version = $2) n
              where n.ctid = c.ctid and n.number % 2 = 0)",
          {std::to_string(run), std::to_string(version)}};
}

Control read_control(pg::Connection& connection, int version) {
  Control control;
  const pg::Result rows = connection.query(
      "select paused, paused_by, workers, batch_milliseconds, throttle from dbtool.control where version = "
      "$1",
      {std::to_string(version)});
  if (rows.rows() == 0) return control;
  control.paused = rows.boolean(0, 0);
  control.paused_by = rows.text(0, 1);
  if (!rows.is_null(0, 2)) control.workers = static_cast<int>(rows.integer(0, 2));
  if (!rows.is_null(0, 3)) control.batch_milliseconds = static_cast<int>(rows.integer(0, 3));
  control.throttle = rows.optional_text(0, 4);
  return control;
}

pg::Statement control_statement(int version, const Control& control) {
  const auto number = [](std::optional<int> value) {
    return value ? pg::Parameter(std::to_string(*value)) : std::nullopt;
  };
  return {R"(insert into dbtool.control (version, paused, paused_by, workers, batch_milliseconds, throttle)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (version) do update
               set paused = excluded.paused, paused_by = excluded.paused_by, workers = excluded.workers,
                   batch_milliseconds = excluded.batch_milliseconds, throttle = excluded.throttle,
                   changed = clock_timestamp())",
          {std::to_string(version), control.paused ? "true" : "false", control.paused_by,
           number(control.workers), number(control.batch_milliseconds), control.throttle}};
}

}  // namespace dbtool::ledger
