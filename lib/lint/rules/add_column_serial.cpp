#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_add_column_serial(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::add_column || !action.column || !context.matters(action.table))
      continue;
    const sql::Column& column = *action.column;
    if (!column.serial && !column.identity) continue;
    const std::string name = sql::quote_if_needed(column.name);
    const std::string sequence = sql::quote_if_needed(action.table.name + "_" + column.name + "_seq");
    Issue issue = issue_on(action.table, Work::rewrite, "access exclusive",
                           "A new " + std::string(column.identity ? "identity" : "serial") +
                               " column numbers every row that is there: the table is rewritten");
    issue.advice = "make sequence and column apart, and number the old rows online";
    issue.rewrite = "create sequence " + sequence + ";\n" + alter(action.table) + " add column " + name +
                    " " + column.type + ";\n" + alter(action.table) + " alter column " + name +
                    " set default nextval('" + sequence + "');\nalter sequence " + sequence + " owned by " +
                    action.table.text() + "." + name + ";\n" +
                    fill_online(action.table, column.name, "nextval('" + sequence + "')");
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule add_column_serial_rule() {
  Rule rule;
  rule.name = "add-column-serial";
  rule.severity = Severity::error;
  rule.reason =
      "A serial or identity column has a value for every row at once: PostgreSQL rewrites the table and all "
      "of its "
      "indexes under an access exclusive lock.";
  rule.bad = "alter table tasks add column number bigserial;";
  rule.good =
      "create sequence tasks_number_seq;\n"
      "alter table tasks add column number bigint;\n"
      "alter table tasks alter column number set default nextval('tasks_number_seq');";
  rule.check_statement = check_add_column_serial;
  return rule;
}

}  // namespace dbtool::lint
