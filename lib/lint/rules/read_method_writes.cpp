#include <algorithm>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "lint/uses.h"

namespace dbtool::lint {
namespace {

bool writes(const Uses& uses) {
  for (const auto& [table, use] : uses.tables) {
    if (use.written) return true;
  }
  return uses.locks_rows || uses.functions.contains("nextval") || uses.functions.contains("setval");
}

/// Whether the method makes the table for itself.
bool is_own(const Statement& statement, const Context& context, const sql::ObjectName& table) {
  for (const Statement& one : context.script.statements) {
    if (one.method != statement.method) continue;
    for (const sql::Action& action : one.actions) {
      if (action.temporary && action.table == table) return true;
    }
  }
  return context.schema.is_temporary(table);
}

bool changes(const sql::Action& action, const Statement& statement, const Context& context) {
  switch (action.kind) {
    case sql::ActionKind::insert_rows:
    case sql::ActionKind::update_rows:
    case sql::ActionKind::delete_rows:
    case sql::ActionKind::merge_rows:
    case sql::ActionKind::truncate:
      return !is_own(statement, context, action.table);
    case sql::ActionKind::create_table:
    case sql::ActionKind::create_table_as:
      return !action.temporary;
    case sql::ActionKind::drop_table:
    case sql::ActionKind::add_column:
    case sql::ActionKind::drop_column:
    case sql::ActionKind::create_index:
      return true;
    default:
      return false;
  }
}

/// A function called by the statement that writes; empty: none is known.
std::string writing_function(const Statement& statement, const Context& context) {
  Uses uses;
  add_uses(*statement.tree, uses);
  for (const std::string& function : uses.functions) {
    if (context.functions.reaches(function, writes)) return function;
  }
  if (uses.functions.contains("nextval")) return "nextval";
  return {};
}

void check_read_method_writes(const Statement& statement, const Context& context, Report& report) {
  const bool judged = statement.part == Part::method && statement.method != nullptr &&
                      statement.method->mode == MethodMode::read && statement.parsed;
  if (!judged) return;
  const bool itself =
      std::any_of(statement.actions.begin(), statement.actions.end(),
                  [&](const sql::Action& action) { return changes(action, statement, context); });
  const std::string function = itself ? std::string() : writing_function(statement, context);
  Uses uses;
  add_uses(*statement.tree, uses);
  if (!itself && function.empty() && !uses.locks_rows) return;
  Issue issue;
  issue.object = "method " + statement.function;
  issue.message = "The method says `mode: read`, and " +
                  (itself            ? std::string("its body writes")
                   : uses.locks_rows ? std::string("its body locks rows")
                                     : function + ", which it calls, writes") +
                  ": in a read-only transaction, or with the rights of a service that only reads, it fails.";
  issue.advice = "a method's mode can never change: take the write out, or make it another method";
  issue.rewrite = "methods:\n  " + statement.function + "_and_write:\n    mode: write\n    …\n";
  report.add(statement, std::move(issue));
}

}  // namespace

Rule read_method_writes_rule() {
  Rule rule;
  rule.name = "read-method-writes";
  rule.severity = Severity::error;
  rule.reason =
      "Callers rely on `mode: read`: such a method is called in read-only transactions and on replicas, "
      "where a write is refused.";
  rule.bad =
      "mode: read\n"
      "body: begin delete from sessions where expires < now(); … end";
  rule.good =
      "mode: write\n"
      "body: begin delete from sessions where expires < now(); … end";
  rule.downgrades = false;
  rule.check_statement = check_read_method_writes;
  return rule;
}

}  // namespace dbtool::lint
