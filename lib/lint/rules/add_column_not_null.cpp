#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_add_column_not_null(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::add_column || !action.column || !context.is_there(action.table))
      continue;
    const sql::Column& column = *action.column;
    const bool has_value =
        !column.default_text.empty() || column.serial || column.identity || !column.generated.empty();
    if (!column.not_null || has_value) continue;
    const std::string name = sql::quote_if_needed(column.name);
    const std::string constraint = made_name(action.table, column.name, "not_null");
    Issue issue;
    issue.object = table_object(action.table);
    issue.lock = "access exclusive";
    issue.message =
        "A not-null column without a default fails as soon as the table holds a row, and services of an "
        "older "
        "release, which do not know the column, can no longer insert.";
    issue.advice = "give it a constant default, or add it nullable and make it not null in later versions";
    issue.rewrite =
        alter(action.table) + " add column " + name + " " + column.type + " not null default CONSTANT;\n" +
        "-- or, where there is no such constant:\n" +
        in_version(context, 0, alter(action.table) + " add column " + name + " " + column.type + ";") +
        in_version(context, 1,
                   alter(action.table) + " add constraint " + constraint + " check (" + name +
                       " is not null) not valid;  -- when every writer fills it") +
        in_version(context, 2, alter(action.table) + " validate constraint " + constraint + ";") +
        in_version(context, 3, alter(action.table) + " alter column " + name + " set not null;");
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule add_column_not_null_rule() {
  Rule rule;
  rule.name = "add-column-not-null";
  rule.severity = Severity::error;
  rule.reason =
      "Rows that are there would hold null in the new column, so the statement fails; and services that do "
      "not know the "
      "column yet could no longer insert.";
  rule.bad = "alter table tasks add column owner text not null;";
  rule.good = "alter table tasks add column owner text not null default '';";
  rule.check_statement = check_add_column_not_null;
  return rule;
}

}  // namespace dbtool::lint
