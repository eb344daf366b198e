#include <nlohmann/json.hpp>
#include <set>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "lint/uses.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

bool is_immutable(const std::string& function, const Schema& schema) {
  if (const auto known = schema.function_volatility(function)) return *known == "immutable";
  static const std::set<std::string, std::less<>> stable = {
      "now",          "transaction_timestamp", "statement_timestamp",
      "current_user", "current_setting",       "to_regclass"};
  return !stable.contains(function) && sql::volatility_of_function(function) != sql::Volatility::changes;
}

/// `current_date` and its like.
bool tells_time(const json& tree) {
  std::vector<const json*> open{&tree};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    if (node.is_object() && node.contains("SQLValueFunction")) return true;
    for (const json& child : node) open.push_back(&child);
  }
  return false;
}

void judge_volatile_index(const Statement& statement, const sql::ObjectName& table, const json& expression,
                          const Context& context, Report& report) {
  Uses uses;
  add_uses(expression, uses);
  std::string bad = tells_time(expression) ? "the present time or user" : "";
  for (const std::string& function : uses.functions) {
    if (!is_immutable(function, context.schema)) bad = function;
  }
  if (bad.empty()) return;
  Issue issue;
  issue.object = table_object(table);
  issue.message = "An index holds what its expression gave when the row was written, and " + bad +
                  " gives another value later: the server refuses it (42P17).";
  issue.advice = "index the columns; or declare the function immutable if it depends on its arguments alone";
  issue.rewrite = "create index on " + table.text() + " (…);\n";
  report.add(statement, std::move(issue));
}

void check_volatile_index(const Statement& statement, const Context& context, Report& report) {
  if (!statement.parsed || statement.part != Part::script || !statement.tree->contains("IndexStmt")) return;
  const json& node = statement.tree->at("IndexStmt");
  json expressions = json::array();
  for (const char* part : {"indexParams", "whereClause"}) {
    if (node.contains(part)) expressions.push_back(node.at(part));
  }
  if (!statement.actions.empty())
    judge_volatile_index(statement, statement.actions.front().table, expressions, context, report);
}

}  // namespace

Rule volatile_index_rule() {
  Rule rule;
  rule.name = "volatile-index-expression";
  rule.severity = Severity::error;
  rule.reason =
      "The expressions and the condition of an index must be immutable: the same row has to give the same "
      "key for ever.";
  rule.bad = "create index on tasks (task_id) where expires > now();";
  rule.good = "create index on tasks (expires, task_id);";
  rule.downgrades = false;
  rule.check_statement = check_volatile_index;
  return rule;
}

}  // namespace dbtool::lint
