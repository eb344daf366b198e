#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using sql::ConstraintKind;

Issue issue_for(const sql::Action& action, const sql::Constraint& constraint, const Context& context) {
  const sql::Column& column = *action.column;
  const std::string name = sql::quote_if_needed(column.name);
  std::string plain = alter(action.table) + " add column " + name + " " + column.type;
  if (!column.default_text.empty()) plain += " default " + column.default_text;
  plain += ";\n";
  if (constraint.kind == ConstraintKind::unique || constraint.kind == ConstraintKind::primary_key) {
    const bool key = constraint.kind == ConstraintKind::primary_key;
    const std::string index = made_name(action.table, column.name, "key");
    Issue issue = issue_on(
        action.table, Work::index, "access exclusive",
        std::string(key ? "`primary key`" : "`unique`") + " at a new column builds its index at once");
    issue.advice =
        "add the column; build the index concurrently in the next version; then add the constraint with it";
    issue.rewrite = in_version(context, 0, plain) +
                    in_version(context, 1,
                               outside_transaction("create unique index concurrently " + index + " on " +
                                                       action.table.text() + " (" + name + ");",
                                                   "drop index concurrently " + index + ";")) +
                    in_version(context, 2,
                               alter(action.table) + " add constraint " + index +
                                   (key ? " primary key" : " unique") + " using index " + index + ";");
    return issue;
  }
  const bool foreign = constraint.kind == ConstraintKind::foreign_key;
  const std::string constraint_name = made_name(action.table, column.name, foreign ? "fkey" : "check");
  Issue issue = issue_on(
      action.table, foreign && column.default_text.empty() ? Work::none : Work::scan, "access exclusive",
      foreign ? "`references` at a new column also locks " + constraint.referenced.text() + " against writes"
              : "`check` at a new column reads the whole table");
  if (foreign && column.default_text.empty()) issue.severity = Severity::warning;
  issue.advice = "add the column, then the constraint `not valid`, and validate it in the next version";
  issue.rewrite =
      in_version(context, 0,
                 plain + alter(action.table) + " add constraint " + constraint_name + " " + constraint.text +
                     " not valid;") +
      in_version(context, 1, alter(action.table) + " validate constraint " + constraint_name + ";");
  return issue;
}

/// The server tries even null on a domain's constraints, by writing every row.
Issue issue_of_domain(const sql::Action& action, const Context& context) {
  const sql::Column& column = *action.column;
  const std::string name = sql::quote_if_needed(column.name);
  Issue issue =
      issue_on(action.table, Work::rewrite, "access exclusive",
               "The domain " + column.type + " has constraints: a new column of it writes every row anew");
  issue.advice =
      "add a column of the plain type, with the domain's check `not valid`, validated in the next version";
  const std::string constraint = made_name(action.table, column.name, "check");
  issue.rewrite = in_version(context, 0,
                             alter(action.table) + " add column " + name + " …;\n" + alter(action.table) +
                                 " add constraint " + constraint + " check (" + name + " …) not valid;") +
                  in_version(context, 1, alter(action.table) + " validate constraint " + constraint + ";");
  return issue;
}

void check_add_column_constraint(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::add_column || !action.column || !context.matters(action.table))
      continue;
    for (const sql::Constraint& constraint : action.column->constraints)
      report.add(statement, issue_for(action, constraint, context));
    if (context.schema.is_checked_domain(action.column->type))
      report.add(statement, issue_of_domain(action, context));
  }
}

}  // namespace

Rule add_column_constraint_rule() {
  Rule rule;
  rule.name = "add-column-constraint";
  rule.severity = Severity::error;
  rule.reason =
      "A constraint written at a new column is made and checked at once under the access exclusive lock of "
      "`add "
      "column`: unique and primary keys build an index, checks scan, foreign keys lock the other table too, "
      "a "
      "domain with constraints rewrites.";
  rule.bad = "alter table tasks add column pool text references worker_pools (id);";
  rule.good =
      "alter table tasks add column pool text;\n"
      "alter table tasks add constraint tasks_pool_fkey foreign key (pool) references worker_pools (id) not "
      "valid;";
  rule.check_statement = check_add_column_constraint;
  return rule;
}

}  // namespace dbtool::lint
