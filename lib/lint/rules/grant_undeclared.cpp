#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "base/text.h"
#include "lint/grants.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

std::optional<MethodMode> declared(const Project& project, const std::string& service,
                                   const std::string& table) {
  for (const ServiceAccess& one : project.access) {
    if (service_user("", one.service) != "_" + service) continue;
    for (const TableAccess& access : one.tables) {
      if (access.table == table) return access.mode;
    }
  }
  return std::nullopt;
}

bool is_declared(const Project& project, const std::string& service) {
  return std::any_of(project.access.begin(), project.access.end(), [&](const ServiceAccess& one) {
    return service_user("", one.service) == "_" + service;
  });
}

std::vector<std::string> beyond(const std::set<std::string>& rights, std::optional<MethodMode> mode) {
  std::set<std::string> may;
  if (mode) may.insert("select");
  if (mode == MethodMode::write) may.merge(std::set<std::string>{"insert", "update", "delete"});
  std::vector<std::string> more;
  std::set_difference(rights.begin(), rights.end(), may.begin(), may.end(), std::back_inserter(more));
  return more;
}

void judge_grant_undeclared(const Context& context, const std::string& table, const std::string& role,
                            const Granted& granted, Report& report) {
  const std::string service = service_of_role(role);
  const TableState* state = context.schema.table({"", table});
  if (service.empty() || state == nullptr || state->type != "table" || !state->partition_of.empty()) return;
  const auto mode = declared(context.project, service, table);
  const std::vector<std::string> more = beyond(granted.rights, mode);
  if (more.empty()) return;
  Issue issue;
  issue.object = "table " + table;
  issue.message = role_text(role) + " gets " + join(more, ", ") + " on " + table + ", and access.yml " +
                  (mode ? "gives it " + std::string(*mode == MethodMode::read ? "read" : "write") + " alone"
                   : is_declared(context.project, service) ? "gives it nothing there"
                                                           : "knows no service of this name") +
                  ".";
  issue.advice = "declare it in access.yml, or grant what is declared";
  const std::string rights = !mode                       ? ""
                             : *mode == MethodMode::read ? "select"
                                                         : "select, insert, update, delete";
  issue.rewrite = (mode ? "grant " + rights + " on " + table + " to " + role_text(role)
                        : "revoke all on " + table + " from " + role_text(role)) +
                  ";\n";
  report.add(granted.place, std::move(issue));
}

/// access.yml is about the newest version.
void check_grant_undeclared(const Context& context, Report& report) {
  if (context.version().number != context.project.newest() || context.project.access.empty()) return;
  for (const auto& [table, roles] : context.grants.all()) {
    if (table.find('.') != std::string::npos) continue;
    for (const auto& [role, granted] : roles) judge_grant_undeclared(context, table, role, granted, report);
  }
}

}  // namespace

Rule grant_undeclared_rule() {
  Rule rule;
  rule.name = "grant-not-declared";
  rule.severity = Severity::warning;
  rule.reason =
      "access.yml says what each service may do, and `dbtool check` compares it with the database: a right "
      "that it does not list is found there at the latest.";
  rule.bad =
      "grant select, insert on secrets to $db_user_prefix$_queue;  -- access.yml: queue has nothing to do "
      "with secrets";
  rule.good =
      "# schema/access.yml\n"
      "queue: {tables: {secrets: read}}";
  rule.downgrades = false;
  rule.check_script = check_grant_undeclared;
  return rule;
}

}  // namespace dbtool::lint
