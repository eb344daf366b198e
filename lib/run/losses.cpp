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

/// Rows of a table, or in which a column says something; `reason`: why they cannot be counted, else empty.
struct Count {
  std::int64_t rows = 0;
  std::string reason;
};

// Who drops a table need not be allowed to read it.
Count count(pg::Connection& connection, const std::string& counted, const std::string& table) {
  connection.exec("savepoint counting");
  try {
    return {connection.query(fmt::format("select count({}) from {}", counted, table)).integer(0, 0), {}};
  } catch (const pg::PgError& error) {
    if (!error.is_permission_denied()) throw;
    connection.exec("rollback to savepoint counting");
    return {0, error.fields().message};
  }
}

// "table one (12 rows)", "column one.name (12 rows)"; empty: there is nothing in it, or it is not there.
std::string describe(pg::Connection& connection, const sql::DroppedData& data, bool& all_counted) {
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
    const Count found_rows = count(connection, counted, table);
    if (!found_rows.reason.empty()) {
      all_counted = false;
      rows = "its rows cannot be counted: " + found_rows.reason;
    } else if (found_rows.rows == 0) {
      return {};
    } else {
      rows = fmt::format("{} row{}", found_rows.rows, found_rows.rows == 1 ? "" : "s");
    }
  } else {
    rows = fmt::format("about {} rows", found.integer(0, 1));
  }
  return data.column.empty() ? fmt::format("table {} ({})", table, rows)
                             : fmt::format("column {}.{} ({})", table, found.text(0, 4), rows);
}

}  // namespace

Losses losses_of(pg::Connection& connection, const Plan& plan, const Settings& settings) {
  Losses losses;
  for (const Step& step : plan.steps) {
    if (direction_of(step) != Direction::downgrade || std::holds_alternative<OnlineStep>(step)) continue;
    const Version& version = version_of(step);
    if (!version.loses.empty())
      losses.texts.push_back(fmt::format("version {}: {}", version.number, trim(version.loses)));
    const std::vector<sql::DroppedData> dropped = dropped_by(step, settings.user_prefix);
    if (dropped.empty()) continue;
    // With the session of the work: the same role, and the names that the script means.
    pg::Transaction transaction(connection, "isolation level read committed read only",
                                ledger::Session::from(settings).setup(connection.server_version()));
    for (const sql::DroppedData& data : dropped) {
      const std::string described = describe(connection, data, losses.all_counted);
      if (!described.empty())
        losses.texts.push_back(fmt::format("version {}: {}", version.number, described));
    }
    transaction.rollback();
  }
  return losses;
}

}  // namespace dbtool::run
