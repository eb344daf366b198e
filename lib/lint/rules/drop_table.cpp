#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

std::string drop_text(const sql::ObjectName& table, const std::string& type) {
  return "drop " + type + " " + table.text() + ";";
}

/// Views and tables: both are read by name.
void judge_drop_table(const Statement& statement, const Context& context, const sql::ObjectName& table,
                      const sql::Action& action, Report& report) {
  const TableState* before = context.before.table(table);
  if (!was_there(context, table) || context.schema.table(table) != nullptr) return;
  if (before == nullptr && action.if_exists) return;  // nothing that these versions have made
  const std::string type = before == nullptr ? "table" : before->type;
  const auto harm =
      harm_of_losing(context, table, type + " " + table.text(), [](const Uses&) { return true; });
  const bool of_parent = before != nullptr && !before->partition_of.empty();
  if (!harm || (!harm->known && (of_parent || type != "table"))) return;
  Issue issue = issue_of(*harm, type + " " + table.text(), "The " + type + " goes");
  issue.rewrite = free_first(context, *harm, drop_text(table, type));
  report.add(statement, std::move(issue));
}

void check_drop_table(const Context& context, Report& report) {
  for_each_action(context, sql::ActionKind::drop_table,
                  [&](const Statement& statement, const sql::Action& action) {
                    judge_drop_table(statement, context, action.table, action, report);
                  });
  for_each_action(context, sql::ActionKind::drop_object,
                  [&](const Statement& statement, const sql::Action& action) {
                    if (action.type == "view" || action.type == "materialized view")
                      judge_drop_table(statement, context, action.other, action, report);
                  });
}

}  // namespace

Rule drop_table_rule() {
  Rule rule;
  rule.name = "drop-table-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "Releases that are still supported go on calling the methods that they know. A method whose table is "
      "gone raises an error in each call.";
  rule.bad = "drop table tasks;  -- while get_task, which v33.0.0 calls, reads it";
  rule.good =
      "-- version 31: methods with bodies that do without it\n"
      "-- version 34, when no release that called the old ones is supported any more\n"
      "drop table tasks;";
  rule.downgrades = false;
  rule.check_script = check_drop_table;
  return rule;
}

}  // namespace dbtool::lint
