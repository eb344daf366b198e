#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_validate_constraint(const Statement& statement, const Context& context, Report& report) {
  if (!context.script.transactional) return;
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::validate_constraint || !context.matters(action.table)) continue;
    const TableState* table = context.schema.table(action.table);
    const ConstraintState* added = table == nullptr ? nullptr : table->constraint(action.name);
    if (added == nullptr || added->validated || added->added_in != context.version().number) continue;
    const bool foreign = added->definition.kind == sql::ConstraintKind::foreign_key;
    const std::string validate =
        alter(action.table) + " validate constraint " + sql::quote_if_needed(action.name) + ";";
    Issue issue =
        issue_on(action.table, Work::scan, foreign ? "share row exclusive" : "access exclusive",
                 "The constraint was added in the same transaction, whose strong lock is still held while "
                 "every row is read");
    issue.advice = "move the validation to the next version";
    issue.rewrite = in_version(context, 1, validate);
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule validate_constraint_rule() {
  Rule rule;
  rule.name = "validate-in-same-version";
  rule.severity = Severity::error;
  rule.reason =
      "`not valid` and `validate constraint` in one transaction are no gain: the lock that adding took is "
      "held until "
      "the scan is over.";
  rule.bad =
      "alter table tasks add constraint tasks_retries_check check (retries >= 0) not valid;\n"
      "alter table tasks validate constraint tasks_retries_check;";
  rule.good =
      "-- version 31\n"
      "alter table tasks add constraint tasks_retries_check check (retries >= 0) not valid;\n"
      "-- version 32\n"
      "alter table tasks validate constraint tasks_retries_check;";
  rule.check_statement = check_validate_constraint;
  return rule;
}

}  // namespace dbtool::lint
