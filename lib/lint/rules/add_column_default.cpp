#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_add_column_default(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::add_column || !action.column || !context.matters(action.table))
      continue;
    const sql::Column& column = *action.column;
    if (column.default_text.empty() || column.serial) continue;
    const sql::Volatility volatility = context.schema.default_volatility(column);
    if (volatility != sql::Volatility::changes && volatility != sql::Volatility::unknown) continue;
    const std::string name = sql::quote_if_needed(column.name);
    Issue issue = issue_on(action.table, Work::rewrite, "access exclusive",
                           "The default `" + column.default_text + "` is " +
                               (volatility == sql::Volatility::unknown
                                    ? "of a function that is volatile unless it says otherwise: "
                                    : "volatile: ") +
                               "every row is written anew");
    issue.advice = "add the column without a default, set the default, then fill the old rows online";
    issue.rewrite = alter(action.table) + " add column " + name + " " + column.type + ";\n" +
                    alter(action.table) + " alter column " + name + " set default " + column.default_text +
                    ";\n" + fill_online(action.table, column.name, column.default_text);
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule add_column_default_rule() {
  Rule rule;
  rule.name = "add-column-volatile-default";
  rule.severity = Severity::error;
  rule.reason =
      "A constant default is kept in the catalog and costs nothing. A volatile one has another value for "
      "every row, so "
      "the whole table is rewritten under an access exclusive lock.";
  rule.bad = "alter table tasks add column token uuid default gen_random_uuid();";
  rule.good =
      "alter table tasks add column token uuid;\n"
      "alter table tasks alter column token set default gen_random_uuid();";
  rule.check_statement = check_add_column_default;
  return rule;
}

}  // namespace dbtool::lint
