#include <nlohmann/json.hpp>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

void check_enum_value_order(const Statement& statement, const Context& context, Report& report) {
  if (!statement.parsed || !statement.tree->contains("AlterEnumStmt")) return;
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::add_enum_value) continue;
    if (statement.tree->at("AlterEnumStmt").contains("newValNeighbor")) continue;
    const Schema::TypeState* type = context.schema.type(action.other);
    const std::string last = type == nullptr || type->values.empty() ? "LAST VALUE" : type->values.back();
    Issue issue;
    issue.object = "type " + action.other.text();
    issue.message = "Values sort in the order of the type, and '" + action.new_name +
                    "' becomes the greatest; the order cannot be changed later.";
    issue.advice = "say where it belongs";
    issue.rewrite =
        "alter type " + action.other.text() + " add value '" + action.new_name + "' after '" + last + "';\n";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule enum_value_order_rule() {
  Rule rule;
  rule.name = "enum-value-order";
  rule.severity = Severity::note;
  rule.reason =
      "`add value` puts a value behind all others, for good: `order by`, `<` and `max` follow that order.";
  rule.bad = "alter type task_priority add value 'urgent';";
  rule.good = "alter type task_priority add value 'urgent' before 'highest';";
  rule.downgrades = false;
  rule.check_statement = check_enum_value_order;
  return rule;
}

}  // namespace dbtool::lint
