#include "ledger/measures.h"

#include <fmt/format.h>

#include "ledger/readable.h"
#include "pg/quote.h"
#include "pg/transaction.h"

namespace dbtool::ledger {

namespace {

std::string number(double value) {
  return fmt::format("{}", value);
}
std::string number(std::optional<double> value) {
  return value ? number(*value) : std::string();
}

/// The rows to be inserted, a column each as the text of an array: one statement, however many there are.
class Columns {
 public:
  explicit Columns(std::size_t count) : columns_(count) {}
  void add(std::vector<std::string> row) {
    for (std::size_t at = 0; at < columns_.size(); ++at) columns_[at].push_back(std::move(row[at]));
  }
  /// `sql` takes them as $1, $2 …
  void send(pg::Connection& connection, const Session& session, const std::string& sql) const {
    std::vector<pg::Parameter> parameters;
    for (const auto& column : columns_) parameters.emplace_back(pg::array_literal(column));
    pg::Transaction transaction(connection, "isolation level read committed",
                                session.setup(connection.server_version()));
    connection.query(sql, parameters);
    transaction.commit();
  }

 private:
  std::vector<std::vector<std::string>> columns_;
};

template <class Record>
std::vector<std::string> step_of(const Record& record) {
  return {std::to_string(record.run), std::to_string(record.version), to_text(record.direction)};
}

std::vector<std::string> joined(std::vector<std::string> row, std::vector<std::string> more) {
  for (std::string& one : more) row.push_back(std::move(one));
  return row;
}

pg::Result read(pg::Connection& connection, const char* table, const char* columns, const char* order,
                std::int64_t first, std::int64_t last) {
  const std::string name = fmt::format("dbtool.{}", table);
  if (!are_readable(connection, {table, "runs"})) return {};
  return connection.query(
      fmt::format("select run, version, direction, {} from {} where run between $1 and $2 "
                  "order by run, {}",
                  columns, name, order),
      {std::to_string(first), std::to_string(last)});
}

template <class Record>
Record step_at(const pg::Result& rows, int row) {
  Record record;
  record.run = rows.integer(row, 0);
  record.version = static_cast<int>(rows.integer(row, 1));
  record.direction = rows.text(row, 2) == "downgrade" ? Direction::downgrade : Direction::upgrade;
  return record;
}

std::optional<double> number_at(const pg::Result& rows, int row, int column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return rows.number(row, column);
}

}  // namespace

bool keeps_from_reading(std::string_view mode) {
  return mode == "AccessExclusiveLock";
}

bool keeps_from_writing(std::string_view mode) {
  return mode == "ShareLock" || mode == "ShareRowExclusiveLock" || mode == "ExclusiveLock" ||
         mode == "AccessExclusiveLock";
}

void record(pg::Connection& connection, const Session& session, const std::vector<ForecastRecord>& rows) {
  if (rows.empty()) return;
  Columns columns(7);
  for (const ForecastRecord& row : rows)
    columns.add(joined(step_of(row), {row.during   ? "during"
                                      : row.online ? "online"
                                                   : "before",
                                      number(row.low), number(row.high), row.source}));
  columns.send(connection, session, R"(
      insert into dbtool.forecasts (run, version, direction, kind, low, high, source)
      select run, version, direction, kind, nullif(low, '')::double precision, nullif(high, '')::double precision, source
        from unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
             as f (run, version, direction, kind, low, high, source))");
}

void record(pg::Connection& connection, const Session& session, const std::vector<SampleRecord>& rows) {
  if (rows.empty()) return;
  Columns columns(10);
  for (const SampleRecord& row : rows)
    columns.add(
        joined(step_of(row), {number(row.seconds), std::to_string(row.wal_bytes), number(row.left_low),
                              number(row.left_high), row.phase, row.wait, std::to_string(row.waiting)}));
  columns.send(connection, session, R"(
      insert into dbtool.samples (run, version, direction, seconds, wal_bytes, left_low, left_high, phase, wait, waiting)
      select run, version, direction, seconds, wal_bytes, nullif(low, '')::double precision,
             nullif(high, '')::double precision, phase, wait, waiting
        from unnest($1::bigint[], $2::integer[], $3::text[], $4::double precision[], $5::bigint[], $6::text[],
                    $7::text[], $8::text[], $9::text[], $10::integer[])
             as s (run, version, direction, seconds, wal_bytes, low, high, phase, wait, waiting))");
}

void record(pg::Connection& connection, const Session& session, const std::vector<LockRecord>& rows) {
  if (rows.empty()) return;
  Columns columns(8);
  for (const LockRecord& row : rows)
    columns.add(joined(step_of(row), {row.table, row.mode, number(row.began), number(row.seconds),
                                      std::to_string(row.waited_for)}));
  columns.send(connection, session, R"(
      insert into dbtool.locks (run, version, direction, table_name, mode, began, seconds, waited_for)
      select * from unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[],
                           $6::double precision[], $7::double precision[], $8::integer[]))");
}

void thin_samples(pg::Connection& connection, const Session& session, std::int64_t run, int version,
                  Direction direction) {
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  connection.query(R"(
      delete from dbtool.samples s using (
        select ctid, row_number() over (order by seconds desc) as number
          from dbtool.samples where run = $1 and version = $2 and direction = $3) n
       where n.ctid = s.ctid and n.number % 2 = 0)",
                   {std::to_string(run), std::to_string(version), to_text(direction)});
  transaction.commit();
}

std::vector<ForecastRecord> read_forecasts(pg::Connection& connection, std::int64_t first,
                                           std::int64_t last) {
  std::vector<ForecastRecord> forecasts;
  const pg::Result rows = read(connection, "forecasts", "kind, low, high, source, made", "made", first, last);
  for (int row = 0; row < rows.rows(); ++row) {
    auto forecast = step_at<ForecastRecord>(rows, row);
    forecast.during = rows.text(row, 3) == "during";
    forecast.online = rows.text(row, 3) == "online";
    forecast.low = number_at(rows, row, 4);
    forecast.high = number_at(rows, row, 5);
    forecast.source = rows.text(row, 6);
    forecast.made_at = rows.text(row, 7);
    forecasts.push_back(std::move(forecast));
  }
  return forecasts;
}

std::vector<SampleRecord> read_samples(pg::Connection& connection, std::int64_t first, std::int64_t last) {
  std::vector<SampleRecord> samples;
  const pg::Result rows =
      read(connection, "samples", "seconds, wal_bytes, left_low, left_high, phase, wait, waiting",
           "version, direction, seconds", first, last);
  for (int row = 0; row < rows.rows(); ++row) {
    auto sample = step_at<SampleRecord>(rows, row);
    sample.seconds = rows.number(row, 3);
    sample.wal_bytes = rows.integer(row, 4);
    sample.left_low = number_at(rows, row, 5);
    sample.left_high = number_at(rows, row, 6);
    sample.phase = rows.text(row, 7);
    sample.wait = rows.text(row, 8);
    sample.waiting = static_cast<int>(rows.integer(row, 9));
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::vector<LockRecord> read_locks(pg::Connection& connection, std::int64_t first, std::int64_t last) {
  std::vector<LockRecord> locks;
  const pg::Result rows = read(connection, "locks", "table_name, mode, began, seconds, waited_for",
                               "version, direction, began, table_name", first, last);
  for (int row = 0; row < rows.rows(); ++row) {
    auto lock = step_at<LockRecord>(rows, row);
    lock.table = rows.text(row, 3);
    lock.mode = rows.text(row, 4);
    lock.began = rows.number(row, 5);
    lock.seconds = rows.number(row, 6);
    lock.waited_for = static_cast<int>(rows.integer(row, 7));
    locks.push_back(std::move(lock));
  }
  return locks;
}

std::vector<FailedStepRecord> read_failed_steps(pg::Connection& connection, std::int64_t first,
                                                std::int64_t last) {
  std::vector<FailedStepRecord> steps;
  const pg::Result rows =
      read(connection, "failed_steps",
           "outcome, started, finished, extract(epoch from finished - started), extract(epoch from started - "
           "(select r.started from dbtool.runs r where r.run = failed_steps.run))",
           "finished", first, last);
  for (int row = 0; row < rows.rows(); ++row) {
    auto step = step_at<FailedStepRecord>(rows, row);
    step.outcome = rows.text(row, 3);
    step.started_at = rows.text(row, 4);
    step.finished_at = rows.text(row, 5);
    step.seconds = rows.number(row, 6);
    step.began = rows.number(row, 7);
    steps.push_back(std::move(step));
  }
  return steps;
}

std::vector<CurveRecord> read_curve(pg::Connection& connection, std::int64_t run) {
  std::vector<CurveRecord> curve;
  const pg::Result rows =
      read(connection, "curve",
           "phase, rows_done, rate, workers, batch_size, batch_seconds, note, "
           "extract(epoch from made - (select r.started from dbtool.runs r where r.run = curve.run))",
           "made", run, run);
  for (int row = 0; row < rows.rows(); ++row) {
    CurveRecord one{step_at<CurvePoint>(rows, row), rows.number(row, 10)};
    one.point.phase =
        rows.text(row, 3) == to_text(OnlinePhase::verify) ? OnlinePhase::verify : OnlinePhase::walk;
    one.point.rows_done = rows.integer(row, 4);
    one.point.rows_per_second = rows.number(row, 5);
    one.point.workers = static_cast<int>(rows.integer(row, 6));
    one.point.batch_size = static_cast<int>(rows.integer(row, 7));
    one.point.batch_seconds = rows.number(row, 8);
    one.point.note = rows.text(row, 9);
    curve.push_back(std::move(one));
  }
  return curve;
}

}  // namespace dbtool::ledger
