#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

void check_grant_option(const Statement& statement, const Context&, Report& report) {
  for (const sql::Action& action : statement.actions) {
    const bool passes_on =
        action.kind == sql::ActionKind::grant && action.type == "grant" && action.grant_option;
    if (!passes_on || statement.part != Part::script) continue;
    Issue issue;
    issue.object = action.object_type + (action.others.empty() ? "" : " " + action.others.front().text());
    issue.message =
        "The service may pass the right on, so that who has it is decided outside of the version files.";
    issue.advice = "leave out `with grant option`";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule grant_option_rule() {
  Rule rule;
  rule.name = "grant-option";
  rule.severity = Severity::warning;
  rule.reason =
      "Who has received a right with grant option may pass it on; access.yml then no longer says who may do "
      "what.";
  rule.bad = "grant select on tasks to $db_user_prefix$_queue with grant option;";
  rule.good = "grant select on tasks to $db_user_prefix$_queue;";
  rule.downgrades = false;
  rule.check_statement = check_grant_option;
  return rule;
}

}  // namespace dbtool::lint
