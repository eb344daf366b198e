#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/parse.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

/// Without its length: that does not hinder callers.
std::string base_type(const std::string& type) {
  std::string base;
  int depth = 0;
  for (const char c : type) {
    if (c == '(') ++depth;
    if (depth == 0) base += c;
    if (c == ')') --depth;
  }
  return base;
}

bool returns_rows(const Project& project, const std::string& name, int version) {
  const MethodState state = method_state(project, name, version);
  if (state.definition == nullptr || !state.definition->returns) return false;
  const auto returns = sql::parse_returns(state.definition->returns->text);
  return returns && returns->is_set;
}

void check_change_type_in_use(const Context& context, Report& report) {
  const int version = context.version().number;
  for_each_action(
      context, sql::ActionKind::alter_column_type,
      [&](const Statement& statement, const sql::Action& action) {
        const ColumnState* before = context.before.column(action.table, action.name);
        if (before == nullptr || !was_there(context, action.table)) return;
        if (base_type(before->type) == base_type(action.type)) return;
        const std::string key = action.table.key();
        std::vector<std::string> methods = context.functions.methods_on(key, [&](const Uses& uses) {
          const auto use = uses.tables.find(key);
          return use != uses.tables.end() && use->second.columns.contains(action.name);
        });
        std::erase_if(methods, [&](const std::string& method) {
          return context.functions.find(method)->defined_in >= version ||
                 !returns_rows(context.project, method, version);
        });
        const std::string column = action.table.text() + "." + sql::quote_if_needed(action.name);
        const auto harm = harm_to(context, methods, "column " + column + " as it was");
        if (!harm) return;
        Issue issue =
            issue_of(*harm, "column " + column,
                     "The column turns from " + before->type + " into " + action.type +
                         ", and `return query` gives an error where a type is not the declared one");
        issue.severity = Severity::warning;
        issue.advice = "cast it where these methods return it, in this version";
        issue.rewrite = "methods:\n  " + harm->methods.front() + ":\n    body: |-\n      … " +
                        sql::quote_if_needed(action.name) + "::" + base_type(before->type) + " …\n";
        report.add(statement, std::move(issue));
      });
}

}  // namespace

Rule change_type_in_use_rule() {
  Rule rule;
  rule.name = "change-type-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "A method returns the types that it declares, for ever. When a column's type changes, `return query` "
      "of it raises an error until the body casts it.";
  rule.bad = "alter table tasks alter column retries type bigint;  -- while get_task returns it as integer";
  rule.good =
      "# in the same version\n"
      "methods:\n"
      "  get_task:\n"
      "    body: … select t.retries::integer …";
  rule.downgrades = false;
  rule.check_script = check_change_type_in_use;
  return rule;
}

}  // namespace dbtool::lint
