#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "lint/uses.h"
#include "sql/parse.h"

namespace dbtool::lint {
namespace {

std::string volatility_of(const Statement& statement, const Context& context) {
  if (statement.part == Part::method && statement.method != nullptr && statement.method->returns) {
    const auto returns = sql::parse_returns(statement.method->returns->text);
    return returns ? returns->volatility : "volatile";
  }
  // The function that the statement stands in was made by the script, and its latest definition counts.
  return statement.part == Part::function
             ? context.schema.function_volatility(statement.function).value_or("volatile")
             : "volatile";
}

bool writes_rows(const Uses& uses) {
  for (const auto& [table, use] : uses.tables) {
    if (use.written) return true;
  }
  return false;
}

void check_wrong_volatility(const Statement& statement, const Context& context, Report& report) {
  if (!statement.parsed || (statement.part != Part::function && statement.part != Part::method)) return;
  const std::string volatility = to_lower(volatility_of(statement, context));
  if (volatility == "volatile") return;
  Uses uses;
  add_uses(*statement.tree, uses);
  const bool reads = std::any_of(uses.tables.begin(), uses.tables.end(), [](const auto& entry) {
    return !entry.first.starts_with("pg_catalog.") && !entry.first.starts_with("pg_");
  });
  const bool changes = writes_rows(uses);
  if (!changes && !(reads && volatility == "immutable")) return;
  Issue issue;
  issue.object = "function " + statement.function;
  issue.severity = changes ? Severity::error : Severity::warning;
  issue.message =
      changes ? "It is declared " + volatility +
                    ", and writes: the server refuses that when it is called (0A000)."
              : "It is declared immutable, and reads " + uses.tables.begin()->first +
                    ": the planner calls it once and keeps the answer, and an index on it goes wrong.";
  issue.advice = changes ? "declare it volatile" : "declare it stable";
  issue.rewrite = "alter function " + statement.function + "(…) " + (changes ? "volatile" : "stable") + ";\n";
  report.add(statement, std::move(issue));
}

}  // namespace

Rule wrong_volatility_rule() {
  Rule rule;
  rule.name = "wrong-volatility";
  rule.severity = Severity::warning;
  rule.reason =
      "The planner believes what a function is declared: an immutable one that reads tables gives old "
      "answers, a stable one that writes is refused.";
  rule.bad =
      "create function owner_of(id text) returns text language sql immutable as $$ select owner from tasks "
      "where task_id = id $$;";
  rule.good =
      "create function owner_of(id text) returns text language sql stable as $$ select owner from tasks "
      "where task_id = id $$;";
  rule.downgrades = false;
  rule.check_statement = check_wrong_volatility;
  return rule;
}

}  // namespace dbtool::lint
