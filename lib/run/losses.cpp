#include "run/losses.h"

#include <fmt/format.h>

#include "base/text.h"
#include "ledger/session.h"
#include "pg/quote.h"
#include "pg/transaction.h"
#include "run/step_sql.h"
#include "sql/parse.h"

namespace dbtool::run {

namespace {

constexpr std::int64_t counted_up_to = std::int64_t{32}
                                       << 20;  // bytes of a table whose rows are counted one by one

std::vector<sql::DroppedData> dropped_by(const Step& step, const std::string& prefix) {
  if (const auto* transaction = std::get_if<TransactionStep>(&step);
      transaction != nullptr && transaction->script != nullptr) {
    return sql::dropped_unread_of_block(substitute_prefix(transaction->script->text, prefix));
  }
  if (const auto* statements = std::get_if<StatementsStep>(&step);
      statements != nullptr && statements->script != nullptr) {
    return sql::dropped_unread_of_statements(substitute_prefix(statements->script->text, prefix));
  }
  return {};
}

// "table one (12 rows)", "column one.name (12 rows)"; empty: there is nothing in it, or it is not there.
std::string describe(pg::Connection& connection, const sql::DroppedData& data) {
  const std::string name =
      (data.schema.empty() ? "" : pg::quote_identifier(data.schema) + ".") + pg::quote_identifier(data.table);
  const pg::Result found = connection.query(
      R"(select c.oid::regclass, greatest(c.reltuples, 0)::bigint,
                greatest(pg_table_size(c.oid), (select sum(pg_table_size(relid)) from pg_partition_tree(c.oid)))::bigint,
                $2 = '' or exists (select from pg_attribute where attrelid = c.oid and attname = $2 and not attisdropped),
                quote_ident($2)
           from pg_class c where c.oid = to_regclass($1) and c.relkind in ('r', 'p'))",
      {name, data.column});
  if (found.rows() == 0 || !found.boolean(0, 3)) return {};
  const std::string table(found.text(0, 0));
  const std::string counted = data.column.empty() ? "*" : pg::quote_identifier(data.column);
  std::string rows;
  if (found.integer(0, 2) <= counted_up_to) {
    const std::int64_t count =
        connection.query(fmt::format("select count({}) from {}", counted, table)).integer(0, 0);
    if (count == 0) return {};
    rows = fmt::format("{} row{}", count, count == 1 ? "" : "s");
  } else {
    rows = fmt::format("about {} rows", found.integer(0, 1));
  }
  return data.column.empty() ? fmt::format("table {} ({})", table, rows)
                             : fmt::format("column {}.{} ({})", table, found.text(0, 4), rows);
}

}  // namespace

std::vector<std::string> losses_of(pg::Connection& connection, const Plan& plan, const Settings& settings) {
  std::vector<std::string> losses;
  for (const Step& step : plan.steps) {
    if (direction_of(step) != Direction::downgrade || std::holds_alternative<OnlineStep>(step)) continue;
    const Version& version = version_of(step);
    if (!version.loses.empty())
      losses.push_back(fmt::format("version {}: {}", version.number, trim(version.loses)));
    const std::vector<sql::DroppedData> dropped = dropped_by(step, settings.user_prefix);
    if (dropped.empty()) continue;
    // With the session of the work: the same role, and the names that the script means.
    pg::Transaction transaction(connection, "isolation level read committed read only",
                                ledger::Session::from(settings).setup(connection.server_version()));
    for (const sql::DroppedData& data : dropped) {
      const std::string described = describe(connection, data);
      if (!described.empty()) losses.push_back(fmt::format("version {}: {}", version.number, described));
    }
    transaction.rollback();
  }
  return losses;
}

}  // namespace dbtool::run
