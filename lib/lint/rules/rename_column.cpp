#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_rename_column(const Context& context, Report& report) {
  for_each_action(
      context, sql::ActionKind::rename_column, [&](const Statement& statement, const sql::Action& action) {
        if (action.object_type == "type" || !was_there(context, action.table)) return;
        if (context.schema.column(action.table, action.name) != nullptr) return;
        const std::string old_name = sql::quote_if_needed(action.name);
        const std::string column = action.table.text() + "." + old_name;
        const std::string key = action.table.key();
        const auto harm = harm_of_losing(context, action.table, "column " + column, [&](const Uses& uses) {
          const auto use = uses.tables.find(key);
          return use != uses.tables.end() && use->second.columns.contains(action.name);
        });
        if (!harm) return;
        Issue issue =
            issue_of(*harm, "column " + column,
                     "The column is called " + sql::quote_if_needed(action.new_name) + " from now on");
        issue.advice = harm->known
                           ? "give these methods bodies that use the new name, in this version"
                           : "leave the name as it is, or add a column, fill it and drop the old one when no "
                             "supported release uses it";
        issue.rewrite =
            harm->known ? free_first(context, *harm, statement.text + ";")
                        : in_version(context, 0,
                                     alter(action.table) + " add column " +
                                         sql::quote_if_needed(action.new_name) + " …;") +
                              in_version(context, 1, alter(action.table) + " drop column " + old_name + ";");
        report.add(statement, std::move(issue));
      });
}

}  // namespace

Rule rename_column_rule() {
  Rule rule;
  rule.name = "rename-column-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "Methods, and services with SQL of their own, find a column by its name; after a rename they raise an "
      "error in each call.";
  rule.bad = "alter table tasks rename column owner to client_id;";
  rule.good =
      "-- together with new bodies of all methods that name it, in the same version\n"
      "alter table tasks rename column owner to client_id;";
  rule.downgrades = false;
  rule.check_script = check_rename_column;
  return rule;
}

}  // namespace dbtool::lint
