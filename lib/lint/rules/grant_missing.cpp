#include "lint/grants.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

bool has_all(const std::set<std::string>& rights, MethodMode mode) {
  if (!rights.contains("select")) return false;
  return mode == MethodMode::read ||
         (rights.contains("insert") && rights.contains("update") && rights.contains("delete"));
}

/// Where the newest version makes the table; nullptr: an earlier one does.
const Statement* making(const Context& context, const sql::ObjectName& table) {
  for (const Statement& statement : context.script.statements) {
    for (const sql::Action& action : statement.actions) {
      const bool creates =
          action.kind == sql::ActionKind::create_table || action.kind == sql::ActionKind::create_table_as;
      if (creates && action.table == table && statement.part == Part::script) return &statement;
    }
  }
  return nullptr;
}

void judge_grant_missing(const Context& context, const ServiceAccess& service, const TableAccess& access,
                         Report& report) {
  const TableState* table = context.schema.table({"", access.table});
  if (table == nullptr || table->type != "table") return;
  const std::string user = service_user("$db_user_prefix$", service.service);
  const std::string role = service_user(std::string(prefix_mark), service.service);
  const auto& roles = context.grants.on(access.table);
  const auto granted = roles.find(role);
  if (granted != roles.end() && has_all(granted->second.rights, access.mode)) return;
  if (const auto everybody = roles.find("public");
      everybody != roles.end() && has_all(everybody->second.rights, access.mode))
    return;
  const std::string rights = access.mode == MethodMode::read ? "select" : "select, insert, update, delete";
  Issue issue;
  issue.object = "table " + access.table;
  issue.message = "access.yml lets " + service.service +
                  (access.mode == MethodMode::read ? " read " : " write ") + access.table +
                  ", which version " + std::to_string(table->made_in) + " makes, and no version grants " +
                  (granted == roles.end() ? "it" : "all of that") + ": its methods will be refused (42501).";
  issue.advice = "grant it where the table is made, or take it out of access.yml";
  issue.rewrite = "grant " + rights + " on " + access.table + " to " + user + ";\n";
  if (const Statement* statement = making(context, table->name))
    report.add(*statement, std::move(issue));
  else
    report.add(access.place, std::move(issue));
}

/// access.yml is about the newest version.
void check_grant_missing(const Context& context, Report& report) {
  if (context.version().number != context.project.newest() || context.grants.is_open()) return;
  for (const ServiceAccess& service : context.project.access) {
    for (const TableAccess& access : service.tables) judge_grant_missing(context, service, access, report);
  }
}

}  // namespace

Rule grant_missing_rule() {
  Rule rule;
  rule.name = "grant-missing";
  rule.severity = Severity::error;
  rule.reason =
      "A method runs with the rights of the service that calls it: without a grant on the table each call is "
      "refused.";
  rule.bad = "create table tasks (…);  -- access.yml: queue writes it";
  rule.good =
      "create table tasks (…);\n"
      "grant select, insert, update, delete on tasks to $db_user_prefix$_queue;";
  rule.downgrades = false;
  rule.check_script = check_grant_missing;
  return rule;
}

}  // namespace dbtool::lint
