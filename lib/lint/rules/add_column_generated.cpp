#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_add_column_generated(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::add_column || !action.column || !context.matters(action.table))
      continue;
    const sql::Column& column = *action.column;
    if (column.generated.empty()) continue;
    Issue issue = issue_on(action.table, Work::rewrite, "access exclusive",
                           "A stored generated column is computed for every row: the table is rewritten");
    issue.advice =
        "an ordinary column that the writing functions (or a trigger) fill, and the old rows online";
    issue.rewrite = alter(action.table) + " add column " + sql::quote_if_needed(column.name) + " " +
                    column.type + ";\n" + fill_online(action.table, column.name, column.generated);
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule add_column_generated_rule() {
  Rule rule;
  rule.name = "add-column-generated";
  rule.severity = Severity::error;
  rule.reason =
      "The values of a stored generated column are on disk, so adding one rewrites the table under an access "
      "exclusive "
      "lock.";
  rule.bad = "alter table tasks add column name_lower text generated always as (lower(name)) stored;";
  rule.good = "alter table tasks add column name_lower text;";
  rule.check_statement = check_add_column_generated;
  return rule;
}

}  // namespace dbtool::lint
