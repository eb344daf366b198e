#include "environment/benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "base/duration.h"
#include "environment/benchmark_sql.h"
#include "environment/cold_scan.h"
#include "environment/scratch_schema.h"
#include "pg/error.h"
#include "pg/quote.h"

namespace dbtool::environment {

namespace {

using std::chrono::milliseconds;

constexpr double reference_bytes = 8.0 * 1024 * 1024;  // what times of scans and writes are brought to
constexpr int scans = 8;                               // of the table, in one statement
constexpr int passes = 4;                              // over the rows, in one statement

/// One kind of work that is repeated, and what it gave.
struct Subject {
  Measure measure;
  std::function<std::optional<double>()> run;  ///< nullopt: this one says nothing
  bool given_up = false;
};

class Bench {
 public:
  Bench(pg::Connection& connection, const BenchmarkOptions& options, Clock& clock, const Interrupts& stops)
      : connection_(connection), options_(options), clock_(clock), stops_(stops) {}

  Benchmark run() {
    const auto began = clock_.now();
    const std::string wal_before = wal_position();
    try {
      fill(began);
    } catch (const pg::PgError& error) {
      if (!error.is_cancelled()) throw;
      throw Error(
          ExitCode::failed,
          fmt::format("the server is too busy to be measured: what takes a fraction of a second elsewhere "
                      "was not done within {}",
                      to_text(options_.statement_limit)),
          "measure at another time; or dbtool environment save --no-benchmark");
    }
    std::vector<Subject> subjects = all_subjects();
    for (int i = 0; i < options_.repetitions && !is_over(began); ++i)
      for (Subject& subject : subjects)
        if (!is_over(began)) repeat(subject);
    if (is_over(began))
      found_.remarks.push_back(
          fmt::format("slow: not all repetitions were made within {}", to_text(options_.time_limit)));
    for (Subject& subject : subjects)
      if (!subject.measure.values.empty()) found_.measures.push_back(std::move(subject.measure));
    measure_cold();
    found_.wal_bytes =
        connection_.query("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::pg_lsn)", {wal_before})
            .integer(0, 0);
    found_.duration = std::chrono::duration_cast<milliseconds>(clock_.now() - began);
    return std::move(found_);
  }

 private:
  std::string wal_position() {
    return std::string(connection_.query("select pg_current_wal_insert_lsn()").text(0, 0));
  }

  bool is_over(Clock::Monotonic began) const { return clock_.now() - began > options_.time_limit; }

  /// No more rows than an eighth of shared_buffers, and those that a slow server writes in a third of the
  /// time.
  void fill(Clock::Monotonic began) {
    connection_.exec(make_tables);
    const std::int64_t megabytes =
        connection_
            .query(
                "select setting::bigint * current_setting('block_size')::bigint / 1048576 from pg_settings "
                "where name = 'shared_buffers'")
            .integer(0, 0);
    const auto wanted = std::clamp<std::int64_t>(megabytes / 8 / 4, 1, fills);
    for (int i = 0; i < wanted && (i == 0 || clock_.now() - began < options_.time_limit / 3); ++i)
      connection_.query(fill_items,
                        {std::to_string(i * rows_a_fill + 1), std::to_string((i + 1) * rows_a_fill)});
    connection_.query(fill_keys, {std::to_string(key_rows)});
    connection_.exec("analyze items; analyze keys");
    bytes_ = connection_.query("select pg_relation_size('items')").number(0, 0);
    connection_.query("select count(*) from items");  // the first to read a row marks it as committed
    connection_.query("select count(*) from keys");
  }

  std::vector<Subject> all_subjects() {
    return {
        {{Work::scan_warm, "ms for 8 MB", {}}, [this] { return scan_warm(); }},
        {{Work::write, "ms for 8 MB of write-ahead log", {}}, [this] { return write(); }},
        {{Work::index_build, fmt::format("ms for {} texts", key_rows), {}}, [this] { return build_index(); }},
        {{Work::cpu, fmt::format("ms for {} rows in a PL/pgSQL loop", rows_a_fill * passes), {}},
         [this] { return timed(fmt::format("select walk({}, {})", rows_a_fill, passes)); }},
        {{Work::cpu, fmt::format("ms for {} rows in one statement", rows_a_fill * passes), {}},
         [this] {
           return timed(fmt::format(R"(
             select sum((value ->> 'n')::integer), count(*) filter (where value ->> 'state' = 'pending'),
                    max(length(value ->> 'owner')), sum((value -> 'runs' -> 0 ->> 'id')::integer)
               from items, generate_series(1, {}) where id <= {})",
                                    passes, rows_a_fill));
         }},
        {{Work::commit, "ms a commit", {}},
         [this]() -> std::optional<double> {
           return connection_.query("call commit_rows(null)").number(0, 0);
         }},
    };
  }

  void repeat(Subject& subject) {
    stops_.stop_if_requested();
    if (subject.given_up) return;
    try {
      if (const auto value = subject.run()) subject.measure.values.push_back(*value);
    } catch (const pg::PgError& error) {
      // A stop is another exception: this is the limit of a statement.
      if (!error.is_cancelled()) throw;
      subject.given_up = true;
      found_.remarks.push_back(fmt::format("{}: given up, it took more than {}", subject.measure.unit,
                                           to_text(options_.statement_limit)));
    }
  }

  double timed(const std::string& statement) {
    return connection_.query(fmt::format("call timed({}, null)", pg::quote_literal(statement))).number(0, 0);
  }

  std::optional<double> scan_warm() {
    const ExplainedScan scan = explain_scan(
        connection_,
        fmt::format("select (select count(*) from items where pass > 0) from generate_series(1, {}) pass",
                    scans));
    if (scan.read > scan.hit / 100) return std::nullopt;  // somebody needs the buffers himself
    return scan.milliseconds * reference_bytes / (bytes_ * scans);
  }

  std::optional<double> write() {
    const pg::Result result = connection_.query(
        fmt::format("call timed_with_wal({}, null, null)",
                    pg::quote_literal(
                        fmt::format("insert into written select * from items where id <= {}", rows_a_fill))));
    const double wal = result.number(0, 1);
    connection_.exec("truncate written");
    if (wal <= 0) return std::nullopt;
    return result.number(0, 0) * reference_bytes / wal;
  }

  std::optional<double> build_index() {
    const double value = timed("create index keys_key on keys (key)");
    connection_.exec("drop index keys_key");
    return value;
  }

  void measure_cold() {
    try {
      ColdScan scan = read_cold(connection_, options_.repetitions, clock_);
      found_.remarks.push_back(scan.remark);
      if (!scan.milliseconds.empty())
        found_.measures.push_back(
            {Work::scan_cold, "ms for 8 MB from outside shared_buffers", std::move(scan.milliseconds)});
    } catch (const pg::PgError& error) {
      if (!error.is_lock_timeout() && !error.is_cancelled() && !error.is_permission_denied()) throw;
      found_.remarks.push_back(fmt::format("cold scan: not measured, {}", error.fields().message));
    }
  }

  pg::Connection& connection_;
  const BenchmarkOptions& options_;
  Clock& clock_;
  const Interrupts& stops_;
  Benchmark found_;
  double bytes_ = 0;  ///< of items
};

}  // namespace

Benchmark run_benchmark(const pg::Address& address, const BenchmarkOptions& options, Clock& clock,
                        const Observer& observer, const InterruptCount& interrupts) {
  const Interrupts stops(interrupts, clock);
  ScratchSchema schema(address, options, clock, observer, [&] { stops.stop_if_requested(); });
  return Bench(schema.connection(), options, clock, stops).run();
}

}  // namespace dbtool::environment
