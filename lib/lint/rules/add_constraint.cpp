#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using sql::ConstraintKind;

std::string constraint_name(const sql::Action& action, const char* ending) {
  if (!action.constraint->name.empty()) return sql::quote_if_needed(action.constraint->name);
  std::string columns;
  for (const std::string& column : action.constraint->columns)
    columns += (columns.empty() ? "" : "_") + column;
  return columns.empty() ? sql::quote_if_needed(action.table.name + "_" + ending)
                         : made_name(action.table, columns, ending);
}

void check_add_constraint(const Statement& statement, const Context& context, Report& report,
                          ConstraintKind kind) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::add_constraint || !action.constraint) continue;
    const sql::Constraint& constraint = *action.constraint;
    if (constraint.kind != kind || constraint.not_valid || action.object_type != "table") continue;
    const bool foreign = kind == ConstraintKind::foreign_key;
    const bool other_matters = foreign && context.matters(constraint.referenced);
    // Between two new tables nothing is there to be locked; a new table that refers to an old one locks that.
    if (!context.matters(action.table) && (!other_matters || context.schema.is_new(action.table))) continue;
    const char* lock = foreign ? "share row exclusive" : "access exclusive";
    const std::string what = foreign ? "The foreign key is checked for every row at once, with " +
                                           constraint.referenced.text() + " locked against writes as well"
                                     : "The check is tried on every row at once";
    Issue issue = issue_on(action.table, Work::scan, lock, what);
    const std::string name = constraint_name(action, foreign ? "fkey" : "check");
    issue.advice = "add it `not valid`; validate it in the next version, which hinders nobody";
    issue.rewrite =
        in_version(context, 0,
                   alter(action.table) + " add constraint " + name + " " + constraint.text + " not valid;") +
        in_version(context, 1, alter(action.table) + " validate constraint " + name + ";");
    report.add(statement, std::move(issue));
  }
}

void check_foreign_key(const Statement& statement, const Context& context, Report& report) {
  check_add_constraint(statement, context, report, ConstraintKind::foreign_key);
}
void check_check(const Statement& statement, const Context& context, Report& report) {
  check_add_constraint(statement, context, report, ConstraintKind::check);
}

}  // namespace

Rule add_foreign_key_rule() {
  Rule rule;
  rule.name = "add-foreign-key-validates";
  rule.severity = Severity::error;
  rule.reason =
      "A foreign key that is not `not valid` looks every row up under share row exclusive locks on both "
      "tables: writes "
      "to either wait.";
  rule.bad =
      "alter table tasks add constraint tasks_pool_fkey foreign key (pool) references worker_pools (id);";
  rule.good =
      "alter table tasks add constraint tasks_pool_fkey foreign key (pool) references worker_pools (id) not "
      "valid;\n"
      "-- next version\n"
      "alter table tasks validate constraint tasks_pool_fkey;";
  rule.check_statement = check_foreign_key;
  return rule;
}

Rule add_check_rule() {
  Rule rule;
  rule.name = "add-check-validates";
  rule.severity = Severity::error;
  rule.reason =
      "A check that is not `not valid` scans the table under an access exclusive lock. `not valid` guards "
      "new rows at "
      "once; `validate constraint` in a later version reads the old ones while services go on.";
  rule.bad = "alter table tasks add constraint tasks_retries_check check (retries >= 0);";
  rule.good =
      "alter table tasks add constraint tasks_retries_check check (retries >= 0) not valid;\n"
      "-- next version\n"
      "alter table tasks validate constraint tasks_retries_check;";
  rule.check_statement = check_check;
  return rule;
}

}  // namespace dbtool::lint
