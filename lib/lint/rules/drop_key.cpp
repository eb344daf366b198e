#include <set>

#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

bool is_still_unique(const Schema& schema, const sql::ObjectName& table,
                     const std::set<std::string>& columns) {
  for (const IndexState* index : schema.indexes_of(table)) {
    if (index->unique && std::set<std::string>(index->columns.begin(), index->columns.end()) == columns)
      return true;
  }
  return false;
}

void judge_drop_key(const Statement& statement, const Context& context, const sql::ObjectName& table,
                    const std::vector<std::string>& key_columns, const std::string& object, Report& report) {
  const std::set<std::string> columns(key_columns.begin(), key_columns.end());
  if (context.schema.table(table) == nullptr || is_still_unique(context.schema, table, columns)) return;
  const auto methods = context.functions.methods_on(table.key(), [&](const Uses& uses) {
    const auto use = uses.tables.find(table.key());
    if (use == uses.tables.end()) return false;
    return use->second.conflict_columns.contains(columns);
  });
  const auto harm =
      harm_to(context, methods, "a unique key on " + column_list(key_columns) + " for `on conflict`");
  if (!harm) return;
  Issue issue = issue_of(*harm, object, "The key of " + table.text() + " goes");
  issue.rewrite = free_first(context, *harm, statement.text + ";");
  report.add(statement, std::move(issue));
}

void check_drop_key(const Context& context, Report& report) {
  for_each_action(
      context, sql::ActionKind::drop_constraint, [&](const Statement& statement, const sql::Action& action) {
        const TableState* table = context.before.table(action.table);
        const ConstraintState* constraint = table == nullptr ? nullptr : table->constraint(action.name);
        if (constraint == nullptr) return;
        const bool is_key = constraint->definition.kind == sql::ConstraintKind::unique ||
                            constraint->definition.kind == sql::ConstraintKind::primary_key;
        if (is_key)
          judge_drop_key(statement, context, action.table, constraint->definition.columns,
                         "constraint " + action.name, report);
      });
  for_each_action(context, sql::ActionKind::drop_index,
                  [&](const Statement& statement, const sql::Action& action) {
                    const IndexState* index = context.before.index(action.other);
                    if (index != nullptr && index->unique)
                      judge_drop_key(statement, context, index->table, index->columns,
                                     "index " + action.other.text(), report);
                  });
}

}  // namespace

Rule drop_key_rule() {
  Rule rule;
  rule.name = "drop-key-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "`insert … on conflict (…)` needs a unique key on just these columns. A method that lost it raises an "
      "error in each call.";
  rule.bad = "alter table tasks drop constraint tasks_pkey;  -- while a method says `on conflict (task_id)`";
  rule.good =
      "-- a key on the same columns first\n"
      "alter table tasks add constraint tasks_key unique using index tasks_key;\n"
      "alter table tasks drop constraint tasks_pkey;";
  rule.downgrades = false;
  rule.check_script = check_drop_key;
  return rule;
}

}  // namespace dbtool::lint
