#include "ledger/latency.h"

#include <fmt/format.h>

#include "ledger/readable.h"

namespace dbtool::ledger {

namespace {

pg::Parameter seconds_parameter(std::optional<double> seconds) {
  return seconds ? pg::Parameter(fmt::format("{}", *seconds)) : std::nullopt;
}

}  // namespace

pg::Statement latency_statement(const LatencyRecord& record) {
  return {
      R"(insert into dbtool.latency
                    (run, version, direction, measure, seconds, looks, failed, median, worst, time_limit)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))",
      {std::to_string(record.run), std::to_string(record.version), to_text(record.direction), record.measure,
       seconds_parameter(record.seconds), std::to_string(record.looks), std::to_string(record.failed),
       seconds_parameter(record.median), seconds_parameter(record.worst), seconds_parameter(record.limit)}};
}

pg::Statement merge_latency_statement(std::int64_t run, int version) {
  return {R"(
      with gone as (delete from dbtool.latency where run = $1 and version = $2 returning *),
           paired as (select *, (row_number() over (partition by direction, measure order by made) - 1) / 2 as pair
                        from gone)
      insert into dbtool.latency
             (run, version, direction, measure, made, seconds, looks, failed, median, worst, time_limit)
      select run, version, direction, measure, max(made), sum(seconds), sum(looks), sum(failed),
             sum(median * looks) / nullif(sum(looks), 0), max(worst), min(time_limit)
        from paired group by run, version, direction, measure, pair)",
          {std::to_string(run), std::to_string(version)}};
}

std::vector<LatencyRecord> read_latency(pg::Connection& connection, std::int64_t run) {
  std::vector<LatencyRecord> records;
  if (!are_readable(connection, {"latency", "runs"})) return records;
  const pg::Result rows = connection.query(
      R"(select version, direction, measure, seconds, looks, failed, median, worst, time_limit,
                extract(epoch from made - (select r.started from dbtool.runs r where r.run = l.run)) - seconds
           from dbtool.latency l where run = $1 order by made, measure)",
      {std::to_string(run)});
  const auto seconds_at = [&](int row, int column) {
    return rows.is_null(row, column) ? std::nullopt : std::optional(rows.number(row, column));
  };
  for (int row = 0; row < rows.rows(); ++row) {
    LatencyRecord record;
    record.run = run;
    record.version = static_cast<int>(rows.integer(row, 0));
    record.direction = rows.text(row, 1) == "downgrade" ? Direction::downgrade : Direction::upgrade;
    record.measure = rows.text(row, 2);
    record.seconds = rows.number(row, 3);
    record.looks = rows.integer(row, 4);
    record.failed = rows.integer(row, 5);
    record.median = seconds_at(row, 6);
    record.worst = seconds_at(row, 7);
    record.limit = rows.number(row, 8);
    record.began = rows.number(row, 9);
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace dbtool::ledger
