#include "lint/columns.h"

#include "sql/type.h"

namespace dbtool::lint {

void for_each_new_column(const Statement& statement, const std::function<void(const NewColumn&)>& look) {
  if (statement.part != Part::script) return;
  for (const sql::Action& action : statement.actions) {
    if (action.temporary || action.table.schema == "pg_temp") continue;
    for (const sql::Column& column : action.table_columns) look({action.table, &column});
    if (action.kind == sql::ActionKind::add_column && action.column) look({action.table, &*action.column});
    if (action.kind == sql::ActionKind::alter_column_type) {
      sql::Column column;
      column.name = action.name;
      column.type = action.type;
      look({action.table, &column});
    }
  }
}

std::string column_object(const sql::ObjectName& table, const std::string& column) {
  return "column " + table.text() + "." + sql::quote_if_needed(column);
}

Issue issue_of_type(const NewColumn& made, std::string what, std::string advice, const std::string& type) {
  Issue issue;
  issue.object = column_object(made.table, made.column->name);
  issue.message = std::move(what);
  issue.advice = std::move(advice);
  if (!type.empty())
    issue.rewrite = sql::quote_if_needed(made.column->name) + " " + type +
                    (made.column->not_null && !made.column->identity ? " not null" : "") + "\n";
  return issue;
}

}  // namespace dbtool::lint
