#include <nlohmann/json.hpp>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "lint/uses.h"

namespace dbtool::lint {
namespace {

struct Added {
  sql::ObjectName type;
  std::string value;
};

/// Whether the statement may mean the enum's value by this constant: it casts to the type, or works on a
/// table that has a column of it.
bool is_about(const Statement& statement, const Uses& uses, const Context& context,
              const sql::ObjectName& type) {
  if (uses.types.contains(type.key())) return true;
  std::vector<sql::ObjectName> tables;
  for (const auto& [key, use] : uses.tables) tables.push_back({"", key});
  for (const sql::Action& action : statement.actions) tables.push_back(action.table);
  for (const sql::ObjectName& table : tables) {
    const TableState* state = context.schema.table(table);
    if (state == nullptr) continue;
    for (const auto& [name, column] : state->columns) {
      if (column.type == type.key() || column.type == type.name) return true;
    }
  }
  return false;
}

void report_use(const Statement& statement, const Context& context, const Added& added, Report& report) {
  Issue issue;
  issue.object = "type " + added.type.text();
  issue.message =
      "The value '" + added.value +
      "' is added by the same transaction, and must not be used before that is committed: the server "
      "refuses the statement (55P04).";
  issue.advice = "add the value in a version before this one";
  issue.rewrite =
      in_version(context, 0, "alter type " + added.type.text() + " add value '" + added.value + "';") +
      in_version(context, 1, statement.text + ";");
  report.add(statement, std::move(issue));
}

void check_enum_value_in_transaction(const Context& context, Report& report) {
  if (!context.script.transactional) return;
  std::vector<Added> added;
  for (const Statement& statement : context.script.statements) {
    if (!statement.parsed || (statement.part != Part::script && statement.part != Part::verify)) continue;
    if (statement.tree->contains("AlterEnumStmt")) {
      for (const sql::Action& action : statement.actions) {
        if (action.kind == sql::ActionKind::add_enum_value && !context.schema.is_new_type(action.other))
          added.push_back({action.other, action.new_name});
      }
      continue;
    }
    if (added.empty() || statement.tree->contains("CreateFunctionStmt")) continue;
    Uses uses;
    add_uses(*statement.tree, uses);
    for (const Added& one : added) {
      if (uses.constants.contains(one.value) && is_about(statement, uses, context, one.type))
        report_use(statement, context, one, report);
    }
  }
}

}  // namespace

Rule enum_value_in_transaction_rule() {
  Rule rule;
  rule.name = "enum-value-in-transaction";
  rule.severity = Severity::error;
  rule.reason =
      "A value that `alter type … add value` adds can be used only after the transaction is committed, and a "
      "version runs in one.";
  rule.bad =
      "alter type task_state add value 'paused';\n"
      "update tasks set state = 'paused' where deadline is null;";
  rule.good =
      "-- version 31\n"
      "alter type task_state add value 'paused';\n"
      "-- version 32\n"
      "update tasks set state = 'paused' where deadline is null;";
  rule.check_script = check_enum_value_in_transaction;
  return rule;
}

}  // namespace dbtool::lint
