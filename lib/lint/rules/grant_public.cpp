#include <algorithm>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

void check_grant_public(const Statement& statement, const Context&, Report& report) {
  for (const sql::Action& action : statement.actions) {
    const bool grants =
        action.kind == sql::ActionKind::grant && action.type == "grant" && statement.part == Part::script;
    if (!grants || std::find(action.roles.begin(), action.roles.end(), "public") == action.roles.end())
      continue;
    Issue issue;
    issue.object = action.object_type + (action.others.empty() ? "" : " " + action.others.front().text());
    issue.message = "Everybody who can connect gets the right, and access.yml does not tell of it.";
    issue.advice = "grant it to the services that need it";
    if (action.object_type == "table" && !action.others.empty())
      issue.rewrite = "grant select on " + action.others.front().text() + " to $db_user_prefix$_SERVICE;\n";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule grant_public_rule() {
  Rule rule;
  rule.name = "grant-to-public";
  rule.severity = Severity::warning;
  rule.reason =
      "A grant to public is one to every role of the server, that of another deployment and of a dashboard "
      "too.";
  rule.bad = "grant select on secrets to public;";
  rule.good = "grant select on secrets to $db_user_prefix$_secrets;";
  rule.downgrades = false;
  rule.check_statement = check_grant_public;
  return rule;
}

}  // namespace dbtool::lint
