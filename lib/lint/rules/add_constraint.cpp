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

/// A partitioned table takes no foreign key `not valid`, but one that its partitions have already at no cost.
std::string by_partitions(const sql::Action& action, const std::string& name, const Context& context) {
  std::string adds;
  std::string validations;
  for (const TableState* one : context.schema.tables()) {
    if (one->partition_of != action.table) continue;
    adds += alter(one->name) + " add constraint " + name + " " + action.constraint->text + " not valid;\n";
    validations += alter(one->name) + " validate constraint " + name + ";\n";
  }
  if (adds.empty()) return "";
  return in_version(context, 0, adds) + in_version(context, 1, validations) +
         in_version(context, 2,
                    alter(action.table) + " add constraint " + name + " " + action.constraint->text + ";");
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
    const bool holds_none = context.schema.is_new(action.table) || is_known_empty(context.size(action.table));
    if (!context.matters(action.table) && (!other_matters || holds_none)) continue;
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
    const TableState* table = context.schema.table(action.table);
    const std::string parts =
        foreign && table != nullptr && table->partitioned ? by_partitions(action, name, context) : "";
    if (!parts.empty()) issue.rewrite = parts;
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
