#include "lint/safe_way.h"

#include <algorithm>

#include "base/text.h"
#include "lint/clauses.h"
#include "sql/type.h"

namespace dbtool::lint {

Issue issue_on(const sql::ObjectName& table, Work work, std::string_view lock, std::string what) {
  Issue issue;
  issue.object = table_object(table);
  issue.sized_by = table;
  issue.work = work;
  issue.lock = lock;
  issue.message = std::move(what);
  const std::string hindered = meanwhile(lock, table);
  issue.message += hindered.empty() ? "." : "; " + hindered + ".";
  return issue;
}

std::string in_version(const Context& context, int later, const std::string& sql) {
  return "-- version " + std::to_string(context.version().number + later) + "\n" + sql +
         (sql.ends_with('\n') ? "" : "\n");
}

std::string outside_transaction(const std::string& migration, const std::string& downgrade) {
  return "transactional: false\nmigrationScript: |-\n" + moved_right(migration, 2) + "downgradeScript: |-\n" +
         moved_right(downgrade, 2);
}

std::string alter(const sql::ObjectName& table) {
  return "alter table " + table.text();
}

std::string made_name(const sql::ObjectName& table, const std::string& column, const std::string& ending) {
  return sql::quote_if_needed(table.name + "_" + column + "_" + ending);
}

std::string column_list(const std::vector<std::string>& columns) {
  std::vector<std::string> quoted;
  for (const std::string& column : columns)
    quoted.push_back(column.empty() ? "(…)" : sql::quote_if_needed(column));
  return "(" + join(quoted, ", ") + ")";
}

bool is_proved_not_null(const Schema& schema, const sql::ObjectName& table, const std::string& column) {
  const TableState* state = schema.table(table);
  if (state == nullptr) return false;
  const ColumnState* known = state->column(column);
  if (known != nullptr && known->not_null) return true;
  return std::any_of(state->constraints.begin(), state->constraints.end(), [&](const ConstraintState& one) {
    return one.validated && one.definition.not_null_of == column;
  });
}

std::string fill_online(const sql::ObjectName& table, const std::string& column, const std::string& value) {
  const std::string name = sql::quote_if_needed(column);
  return "-- fill the rows that are there online, in the same version file:\n"
         "-- online:\n"
         "--   migration:\n"
         "--     table: " +
         table.text() +
         "\n"
         "--     key: [KEY]\n"
         "--     batch: update " +
         table.text() + " set " + name + " = " + value + " where $range$ and " + name +
         " is null\n"
         "--     complete: select not exists (select from " +
         table.text() + " where " + name + " is null)\n";
}

}  // namespace dbtool::lint
