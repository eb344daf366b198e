#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_domain_constraint(const Statement& statement, const Context& context, Report& report) {
  if (statement.part != Part::script) return;
  for (const sql::Action& action : statement.actions) {
    Issue issue;
    issue.object = "domain " + action.other.text();
    issue.advice = "put the check on the tables' columns, where it can be added without validation";
    issue.rewrite = "alter table … add constraint … check (…) not valid;\n";
    if (action.kind == sql::ActionKind::create_type && action.type == "domain" &&
        !action.constraints.empty()) {
      issue.severity = Severity::note;
      issue.message =
          "A domain's check can later be changed only by reading every table that uses the domain.";
      report.add(statement, std::move(issue));
      continue;
    }
    const bool adds = action.kind == sql::ActionKind::alter_domain &&
                      ((action.constraint && !action.constraint->not_valid) || action.type == "O");
    if (!adds || context.schema.is_new_type(action.other)) continue;
    issue.message =
        "Every table with a column of the domain is read whole, under a share lock: services can read but "
        "not write them meanwhile.";
    issue.advice = "add it `not valid`, and validate it in a later version";
    if (action.constraint) {
      const std::string name = sql::quote_if_needed(
          action.constraint->name.empty() ? action.other.name + "_check" : action.constraint->name);
      issue.rewrite =
          in_version(context, 0,
                     "alter domain " + action.other.text() + " add constraint " + name + " " +
                         action.constraint->text + " not valid;") +
          in_version(context, 1,
                     "alter domain " + action.other.text() + " validate constraint " + name + ";");
    }
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule domain_constraint_rule() {
  Rule rule;
  rule.name = "domain-constraint";
  rule.severity = Severity::warning;
  rule.reason =
      "A constraint of a domain is checked against every table that has a column of it, all of them locked "
      "against writing.";
  rule.bad = "alter domain slug add constraint slug_length check (length(value) = 22);";
  rule.good =
      "alter domain slug add constraint slug_length check (length(value) = 22) not valid;\n"
      "-- a version later\n"
      "alter domain slug validate constraint slug_length;";
  rule.downgrades = false;
  rule.check_statement = check_domain_constraint;
  return rule;
}

}  // namespace dbtool::lint
