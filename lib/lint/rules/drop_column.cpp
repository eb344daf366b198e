#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_drop_column(const Context& context, Report& report) {
  for_each_action(
      context, sql::ActionKind::drop_column, [&](const Statement& statement, const sql::Action& action) {
        const ColumnState* old = context.before.column(action.table, action.name);
        const ColumnState* again = context.schema.column(action.table, action.name);
        if (!was_there(context, action.table) ||
            (again != nullptr && (old == nullptr || old->type == again->type)))
          return;
        const TableState* before = context.before.table(action.table);
        const bool missing =
            before != nullptr && before->columns_known && before->column(action.name) == nullptr;
        if (action.object_type == "type" || (missing && action.if_exists)) return;
        const std::string column = action.table.text() + "." + sql::quote_if_needed(action.name);
        const std::string key = action.table.key();
        const auto harm = harm_of_losing(context, action.table, "column " + column, [&](const Uses& uses) {
          return uses_column(uses, key, action.name);
        });
        if (!harm) return;
        Issue issue = issue_of(
            *harm, "column " + column,
            again == nullptr ? "The column goes"
                             : "The column goes, and one of type " + again->type + " comes in its place");
        const bool named =
            !context.functions
                 .methods_on(key,
                             [&](const Uses& uses) {
                               const auto use = uses.tables.find(key);
                               return use != uses.tables.end() && use->second.columns.contains(action.name);
                             })
                 .empty();
        if (harm->known && !named) {  // whole rows alone: no error, unless the types were listed
          issue.severity = Severity::warning;
          issue.message += " They return or insert whole rows.";
        }
        issue.rewrite = free_first(
            context, *harm, alter(action.table) + " drop column " + sql::quote_if_needed(action.name) + ";");
        report.add(statement, std::move(issue));
      });
}

}  // namespace

Rule drop_column_rule() {
  Rule rule;
  rule.name = "drop-column-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "Releases that are still supported go on calling the methods that they know. A method that names a "
      "column that is gone raises an error in each call.";
  rule.bad = "alter table tasks drop column owner;  -- while get_task, which v33.0.0 calls, reads it";
  rule.good =
      "-- version 31: methods with bodies that do without it\n"
      "-- version 34, when no release that called the old ones is supported any more\n"
      "alter table tasks drop column owner;";
  rule.downgrades = false;
  rule.check_script = check_drop_column;
  return rule;
}

}  // namespace dbtool::lint
