#include <algorithm>

#include "base/text.h"
#include "lint/batch_work.h"
#include "lint/online_function.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/token.h"

namespace dbtool::lint {
namespace {

std::string right_name(const OnlineFunction& function, const Context& context, const std::string& part) {
  return std::string(context.is_upgrade() ? "online_migration_v" : "online_downgrade_v") +
         std::to_string(context.version().number) + "_" + (part.empty() ? function.part : part);
}

std::string signature(const std::string& name, const std::string& part) {
  return part == "batch"
             ? name + "(batch_size_in integer, state_in jsonb) returns table (count integer, state jsonb)"
             : name + "() returns boolean";
}

bool has_function(const Context& context, const std::string& name) {
  return std::any_of(
      context.script.statements.begin(), context.script.statements.end(), [&](const Statement& one) {
        return one.part == Part::script && !one.actions.empty() &&
               one.actions[0].kind == sql::ActionKind::create_function && one.actions[0].other.name == name;
      });
}

/// What is wrong with name or arguments; "": nothing.
std::string fault_of(const OnlineFunction& function, const Context& context) {
  const std::string own = std::to_string(context.version().number);
  if (function.part != "batch" && function.part != "is_complete") {
    return "Nothing drops this function: dbtool calls and drops `…_batch` and `…_is_complete` alone";
  }
  if (function.number != own)
    return "Of another version: dbtool looks for `_v" + own +
           "_`, without leading zeros: it never calls or drops this function";
  if (function.downgrade == context.is_upgrade()) {
    return std::string("Of the other way: dbtool looks for `online_") +
           (context.is_upgrade() ? "migration" : "downgrade") + "_v" + own +
           "_…` behind this script: it never calls or drops this function";
  }
  using Types = std::vector<std::string>;
  if (function.part == "batch" && function.types != Types{"int4", "jsonb"})
    return "Has other arguments: dbtool calls it with an integer (the batch's size) and a jsonb (the state)";
  if (function.part == "is_complete" && !function.types.empty())
    return "Has arguments: dbtool calls it without arguments";
  return "";
}

void check_name(const Statement& statement, const Context& context, Report& report) {
  if (statement.part != Part::script) return;
  const auto function = read_online_function(statement);
  if (!function) return;
  const std::string fault = fault_of(*function, context);
  const bool paired = function->part == "batch" || function->part == "is_complete";
  Issue issue;
  issue.object = "function " + function->name;
  if (!fault.empty()) {
    issue.message = fault + ".";
    issue.advice = paired ? "name and declare it as dbtool calls it"
                          : "drop it in a later version, or give it another name";
    if (paired) {
      const std::string name = right_name(*function, context, "");
      issue.rewrite = "create function " + signature(name, function->part) + "\n";
    } else {
      issue.severity = Severity::warning;
    }
    return report.add(statement, std::move(issue));
  }
  const std::string other = function->part == "batch" ? "is_complete" : "batch";
  const std::string other_name = right_name(*function, context, other);
  if (has_function(context, other_name)) return;
  issue.message = "The script makes no " + other_name + ": an online migration has both functions.";
  issue.advice = "create it beside this one";
  issue.rewrite = "create function " + signature(other_name, other) + "\n";
  report.add(statement, std::move(issue));
}

bool has_word(const std::string& body, const std::string& word) {
  const auto tokens = sql::tokenize(body);
  return std::any_of(tokens.begin(), tokens.end(), [&](const sql::Token& token) { return token.is(word); });
}

void check_limit(const Statement& statement, const Context& context, Report& report) {
  const auto function = read_online_function(statement);
  if (!function || function->part != "batch" || function->inputs.empty() || function->inputs[0].empty())
    return;
  if (has_word(function->body, to_lower(function->inputs[0])) ||
      function->body.find("$1") != std::string::npos)
    return;
  if (reached_statements(function->name, context.script).empty()) return;
  Issue issue;
  issue.object = "function " + function->name;
  issue.message = "Never looks at " + function->inputs[0] +
                  ": a batch may take all rows at once, and dbtool cannot hold its transactions short.";
  issue.advice = "take at most so many rows a batch";
  issue.rewrite = "limit " + function->inputs[0] + "\n";
  report.add(statement, std::move(issue));
}

void check_complete(const Statement& statement, const Context&, Report& report) {
  const auto function = read_online_function(statement);
  if (!function || function->part != "is_complete" || !has_word(function->body, "count")) return;
  if (has_word(function->body, "exists")) return;
  Issue issue;
  issue.object = "function " + function->name;
  issue.message = "Counts rows to see that none is left, which reads the whole table before every pass.";
  issue.advice = "ask whether one exists: that ends with the first";
  issue.rewrite = "return not exists (select from … where …);\n";
  report.add(statement, std::move(issue));
}

}  // namespace

Rule online_function_rule() {
  Rule rule;
  rule.name = "online-function";
  rule.severity = Severity::error;
  rule.reason =
      "dbtool finds the functions of an online migration by their names and calls them with set arguments; "
      "under any "
      "other name they stay behind, and the rows do not move.";
  rule.bad = "create function online_migration_v020_batch(batch_size_in integer, state_in jsonb) …";
  rule.good =
      "create function online_migration_v20_batch(batch_size_in integer, state_in jsonb)\n"
      "returns table (count integer, state jsonb) …\n"
      "create function online_migration_v20_is_complete() returns boolean …";
  rule.check_statement = check_name;
  return rule;
}

Rule online_batch_not_limited_rule() {
  Rule rule;
  rule.name = "online-batch-not-limited";
  rule.severity = Severity::warning;
  rule.reason =
      "Short transactions are what lets the services go on; the batch's size is how dbtool keeps them short.";
  rule.bad = "insert into tasks select … from tasks_entities where row_key > last_key;";
  rule.good =
      "insert into tasks select … from tasks_entities where row_key > last_key order by row_key limit "
      "batch_size_in;";
  rule.check_statement = check_limit;
  return rule;
}

Rule online_complete_scans_rule() {
  Rule rule;
  rule.name = "online-complete-scans";
  rule.severity = Severity::warning;
  rule.reason = "Whether all is done is asked before every pass; a count reads everything for a yes or no.";
  rule.bad = "return (select count(*) from tasks_entities) = 0;";
  rule.good = "return not exists (select from tasks_entities);";
  rule.check_statement = check_complete;
  return rule;
}

}  // namespace dbtool::lint
