#include "environment/probe_batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "environment/probe_reckoning.h"
#include "online/key.h"
#include "online/split.h"
#include "pg/error.h"
#include "run/step_sql.h"

namespace dbtool::environment {

namespace {

using namespace std::chrono_literals;

struct Walked {
  online::Key key;
  std::vector<online::KeyRange> ranges;
};

/// nullopt: it cannot be walked, and the statement says why.
std::optional<Walked> ranges_of(const Portions& portions, const OnlineDeclaration& declaration,
                                std::chrono::milliseconds allowed, ProbedStatement& statement) {
  pg::Connection& connection = portions.connection();
  connection.exec("savepoint dbtool_key");
  try {
    connection.exec(
        fmt::format("set local statement_timeout = {}", std::max<std::int64_t>(1, allowed.count())));
    Walked walked{online::read_key(connection, declaration), {}};
    if (statement.table_rows == 0)
      statement.table_rows = online::estimate_rows(connection, walked.key).value_or(0);
    if (statement.table_rows > portions.options().rows)
      walked.ranges = online::split(connection, walked.key, probe_places);
    if (walked.ranges.empty()) walked.ranges.emplace_back();
    return walked;
  } catch (const pg::PgError& error) {
    if (error.is_connection_lost() || !connection.in_transaction()) throw;
    connection.exec("rollback to savepoint dbtool_key");
    statement.not_probed = portions.reason(error, allowed);
  } catch (const Error& error) {
    if (error.exit_code() == ExitCode::stopped) throw;
    statement.not_probed = error.what();
  }
  return std::nullopt;
}

/// The first `rows` keys of a range, as one batch: where it ends is asked as the engine does.
Portion batch(const Portions& portions, const OnlineDeclaration& declaration, const online::Key& key,
              const online::KeyRange& range, std::int64_t rows, std::chrono::milliseconds limit) {
  pg::Connection& connection = portions.connection();
  const Clock& clock = portions.time().clock();
  const auto began = clock.now();
  const pg::Statement bound =
      online::bind_range(fmt::format("select {} from {} where $range$ order by {} offset {} limit 1",
                                     key.values_text(), key.table, key.columns_text(), rows - 1),
                         key, range);
  connection.exec(fmt::format("set local statement_timeout = {}", std::max<std::int64_t>(1, limit.count())));
  const pg::Result end = connection.query(bound.sql, bound.parameters);
  const std::chrono::duration<double> asked = clock.now() - began;
  online::KeyRange own = range;
  if (end.rows() > 0) {
    own.high.emplace();
    for (int column = 0; column < end.columns(); ++column) own.high->emplace_back(end.text(0, column));
  } else {
    const pg::Statement all =
        online::bind_range(fmt::format("select count(*) from {} where $range$", key.table), key, own);
    rows = connection.query(all.sql, all.parameters).integer(0, 0);
  }
  const pg::Statement work = online::bind_range(
      run::substitute_prefix(declaration.batch.text, portions.options().user_prefix), key, own);
  MeasuredForm form;
  form.explained = true;
  form.sql = "explain (analyze, buffers, wal, timing off, format json) " + work.sql;
  form.parameters = work.parameters;
  Portion portion = measure(connection, form, limit);
  portion.seconds += asked.count();
  portion.rows = rows;
  return portion;
}

}  // namespace

void probe_batches(Portions& portions, const OnlineDeclaration& declaration, std::int64_t known_rows,
                   ProbedStatement& statement) {
  // Keys are texts on their way; these formats keep them exact.
  portions.connection().exec(
      "set local extra_float_digits = 3; set local IntervalStyle = postgres; set local bytea_output = hex");
  const auto allowed = portions.allowance(1);
  statement.table_rows = known_rows;
  const std::optional<Walked> walked = ranges_of(portions, declaration, allowed, statement);
  if (!walked) return;
  statement.table = declaration.table;
  const ProbeTime own(portions.time().clock(), allowed);
  const int count = static_cast<int>(walked->ranges.size());
  for (int at = 0; at < count; ++at) {
    const auto limit = std::min(own.left(), portions.time().left());
    if (limit == 0ms) break;
    const std::int64_t rows =
        count == 1 ? portions.options().rows : portions.rows_a_place(statement, allowed);
    const int place = count == probe_places ? place_in_order(at) : at;
    const auto attempt = [&] {
      return batch(portions, declaration, walked->key, walked->ranges[static_cast<std::size_t>(place)], rows,
                   std::max(1ms, std::min(own.left(), portions.time().left()) / 2));
    };
    if (!portions.add(statement, limit, false, attempt)) break;
    if (std::min(own.left(), portions.time().left()) > 0ms) portions.add_again(statement, attempt);
  }
  if (statement.table_rows == 0) statement.table_rows = statement.rows();
  reckon_sampled(statement);
}

}  // namespace dbtool::environment
