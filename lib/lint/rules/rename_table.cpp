#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void judge_rename_table(const Statement& statement, const Context& context, const sql::Action& action,
                        const sql::ObjectName& renamed, Report& report) {
  const bool of_rows = action.object_type == "table" || action.object_type == "view" ||
                       action.object_type == "materialized view" || action.object_type == "matview";
  if (!of_rows || !was_there(context, action.table) || context.schema.table(action.table) != nullptr) return;
  const auto harm =
      harm_of_losing(context, action.table, "table " + action.table.text(), [](const Uses&) { return true; });
  if (!harm) return;
  Issue issue =
      issue_of(*harm, table_object(action.table), "The table is called " + renamed.text() + " from now on");
  issue.advice = harm->known
                     ? "give these methods bodies that use the new name, in this version; or leave a view of "
                       "the old name"
                     : "leave a view of the old name as long as a supported release uses it";
  issue.rewrite = statement.text + ";\ncreate view " + action.table.text() + " as select * from " +
                  renamed.text() + ";\n";
  report.add(statement, std::move(issue));
}

void check_rename_table(const Context& context, Report& report) {
  const auto look = [&](const Statement& statement, const sql::Action& action) {
    if (action.kind == sql::ActionKind::rename_object && action.type != "view") return;
    const bool moved = action.kind == sql::ActionKind::set_schema;
    judge_rename_table(statement, context, action,
                       moved ? sql::ObjectName{action.new_name, action.table.name}
                             : sql::ObjectName{action.table.schema, action.new_name},
                       report);
  };
  for_each_action(context, sql::ActionKind::rename_table, look);
  for_each_action(context, sql::ActionKind::rename_object, look);
  for_each_action(context, sql::ActionKind::set_schema, look);
}

}  // namespace

Rule rename_table_rule() {
  Rule rule;
  rule.name = "rename-table-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "Methods, and services with SQL of their own, find a table by its name (and by schema public); after a "
      "rename or a move they do not find it.";
  rule.bad = "alter table tasks rename to queue_tasks;";
  rule.good =
      "alter table tasks rename to queue_tasks;\n"
      "create view tasks as select * from queue_tasks;  -- until no supported release uses it";
  rule.downgrades = false;
  rule.check_script = check_rename_table;
  return rule;
}

}  // namespace dbtool::lint
