#include <algorithm>

#include "lint/grants.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/block.h"

namespace dbtool::lint {
namespace {

bool is_service(const Context& context, const std::string& service) {
  return std::any_of(context.project.access.begin(), context.project.access.end(),
                     [&](const ServiceAccess& one) {
                       return service_user(std::string(prefix_mark), one.service) ==
                              std::string(prefix_mark) + "_" + service;
                     });
}

void judge_grant_other_role(const Statement& statement, const Context& context, const sql::Action& action,
                            const std::string& role, Report& report) {
  if (role == "public" || role.empty() || role.find(sql::dynamic_name) != std::string::npos) return;
  const std::string service = service_of_role(role);
  Issue issue;
  issue.object = "role " + role_text(role);
  if (service.empty()) {
    issue.message = role + " is one deployment's role: elsewhere it does not exist, and the version fails.";
    issue.advice = "grant to a service by its prefix: $db_user_prefix$_SERVICE";
    issue.rewrite = "… to $db_user_prefix$_SERVICE;\n";
  } else if (action.object_type == "role") {
    issue.message = "A service's user must be a member of no role: `dbtool check` finds it.";
    issue.advice = "grant the rights themselves";
  } else {
    const bool newest = context.version().number == context.project.newest();
    const bool of_table = action.object_type == "table" && !action.others.empty() &&
                          context.schema.table(action.others.front()) != nullptr;
    if (of_table) return;  // said by grant-not-declared
    if (!newest || context.project.access.empty() || is_service(context, service)) return;
    issue.message = "access.yml knows no service of this name.";
    issue.advice = "add the service to access.yml, or mend the name";
  }
  report.add(statement, std::move(issue));
}

void check_grant_other_role(const Statement& statement, const Context& context, Report& report) {
  if (statement.part != Part::script) return;
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::grant || action.type != "grant") continue;
    for (const std::string& role : action.roles)
      judge_grant_other_role(statement, context, action, role, report);
  }
}

}  // namespace

Rule grant_other_role_rule() {
  Rule rule;
  rule.name = "grant-to-other-role";
  rule.severity = Severity::warning;
  rule.reason =
      "Rights go to services, whose users are called after the deployment's prefix; another role is known in "
      "one place alone.";
  rule.bad = "grant select on tasks to ci_queue;";
  rule.good = "grant select on tasks to $db_user_prefix$_queue;";
  rule.downgrades = false;
  rule.check_statement = check_grant_other_role;
  return rule;
}

}  // namespace dbtool::lint
