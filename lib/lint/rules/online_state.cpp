#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "lint/batch_work.h"
#include "lint/online_function.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "lint/state_keys.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;
using sql::child;
using sql::node_of;

std::string state_name(const OnlineFunction& function) {
  return function.inputs.size() > 1 ? to_lower(function.inputs[1]) : "";
}

std::string meant(const std::string& key, const std::set<std::string>& keys) {
  const auto nearest = nearest_word(key, keys);
  return nearest ? " (did you mean '" + *nearest + "'?)" : "";
}

void check_keys(const Statement& statement, const Context&, Report& report) {
  const auto function = read_online_function(statement);
  if (!function || function->part != "batch" || state_name(*function).empty()) return;
  const StateKeys keys = read_state_keys(function->body, state_name(*function));
  if (keys.unknown) return;
  for (const auto& [key, at] : keys.read) {
    if (keys.set.contains(key)) continue;
    Issue issue;
    issue.object = "function " + function->name;
    issue.message = "Reads the key '" + key + "' of the state, which no state that it returns has" +
                    meant(key, keys.set) +
                    ". It reads null each time, so that every batch begins where the first one did.";
    issue.advice = keys.set.empty()
                       ? "return a state that says how far the batch came"
                       : "read a key that is set: " +
                             join(std::vector<std::string>(keys.set.begin(), keys.set.end()), ", ");
    issue.rewrite = keys.set.empty() ? "return query select …, jsonb_build_object('" + key + "', …);\n" : "";
    if (function->body_offset) issue.offset = *function->body_offset + at;
    report.add(statement, std::move(issue));
  }
}

bool is_null_constant(const json& node) {
  if (const json* cast = node_of(node, "TypeCast")) return is_null_constant(cast->at("arg"));
  const json* constant = node_of(node, "A_Const");
  return constant != nullptr && constant->value("isnull", false);
}

bool is_zero(const json& node) {
  const json* constant = node_of(node, "A_Const");
  const json* number = constant == nullptr ? nullptr : child(*constant, "ival");
  return number != nullptr && number->value("ival", 0) == 0;
}

/// `select n, null` where n is not 0.
bool returns_null_state(const Statement& statement) {
  if (!statement.parsed) return false;
  try {
    const json* select = node_of(*statement.tree, "SelectStmt");
    const json* targets = select == nullptr ? nullptr : child(*select, "targetList");
    if (targets == nullptr || targets->size() != 2) return false;
    const auto value = [&](std::size_t i) -> const json& { return targets->at(i).at("ResTarget").at("val"); };
    return is_null_constant(value(1)) && !is_zero(value(0));
  } catch (const json::exception&) {
    return false;
  }
}

void check_null(const Statement& statement, const Context& context, Report& report) {
  const auto function = read_online_function(statement);
  if (!function || function->part != "batch") return;
  const StateKeys keys = read_state_keys(function->body, state_name(*function));
  // One that takes its rows away needs no state.
  const bool uses_state = !keys.read.empty() || keys.read_whole;
  if (!uses_state &&
      has_action(reached_statements(function->name, context.script), sql::ActionKind::delete_rows))
    return;
  const bool never_set = keys.returns_next && !keys.state_assigned && !keys.unknown;
  const bool null_returned = std::any_of(
      context.script.statements.begin(), context.script.statements.end(), [&](const Statement& one) {
        return one.part == Part::function && one.function == function->name && returns_null_state(one);
      });
  if (!never_set && !null_returned) return;
  Issue issue;
  issue.object = "function " + function->name;
  issue.message =
      "Returns a null state together with rows that were moved: the next batch is given null and cannot know "
      "where to "
      "go on.";
  issue.advice = "return a state that says how far the batch came; null or {} only with a count of 0";
  issue.rewrite = never_set ? "state := jsonb_build_object('last_key', …);\nreturn next;\n"
                            : "return query select moved, jsonb_build_object('last_key', …);\n";
  report.add(statement, std::move(issue));
}

void check_advanced(const Statement& statement, const Context& context, Report& report) {
  const auto function = read_online_function(statement);
  if (!function || function->part != "batch") return;
  const StateKeys keys = read_state_keys(function->body, state_name(*function));
  if (keys.unknown || (!keys.read.empty() && !keys.set.empty())) return;
  const std::vector<const Statement*> batch = reached_statements(function->name, context.script);
  const bool walks = std::any_of(batch.begin(), batch.end(), [&](const Statement* one) {
    const auto sources = sources_of(*one);
    return std::any_of(sources.begin(), sources.end(),
                       [&](const auto& source) { return context.is_there(source); }) ||
           std::any_of(one->actions.begin(), one->actions.end(), [&](const sql::Action& action) {
             return action.kind == sql::ActionKind::update_rows && context.is_there(action.table);
           });
  });
  if (!walks || !keys.read.empty() || has_action(batch, sql::ActionKind::delete_rows)) return;
  Issue issue;
  issue.object = "function " + function->name;
  issue.message =
      "Does not use the state: every batch looks for its rows from the table's start, over all those that "
      "are done. "
      "Such a migration begins fast and ends at a few rows a second.";
  issue.advice = "keep the last key in the state, and go on behind it";
  issue.rewrite =
      "where key > coalesce(state_in ->> 'last_key', '')\n"
      "order by key\n"
      "limit batch_size_in\n"
      "…\n"
      "return query select moved, jsonb_build_object('last_key', last_key);\n";
  report.add(statement, std::move(issue));
}

constexpr std::string_view good_batch =
    "create function online_migration_v20_batch(batch_size_in integer, state_in jsonb)\n"
    "returns table (count integer, state jsonb) language plpgsql as $$\n"
    "declare\n"
    "  keys text[];\n"
    "begin\n"
    "  select array_agg(k.row_key) into keys\n"
    "  from (\n"
    "    select e.row_key from tasks_entities e\n"
    "    where e.row_key > coalesce(state_in ->> 'last_key', '')\n"
    "    order by e.row_key limit batch_size_in for update\n"
    "  ) k;\n"
    "  insert into tasks select e.row_key, e.value from tasks_entities e where e.row_key = any (keys)\n"
    "  on conflict (task_id) do nothing;\n"
    "  return query select coalesce(cardinality(keys), 0), jsonb_build_object('last_key', "
    "keys[cardinality(keys)]);\n"
    "end $$;";

}  // namespace

Rule online_state_key_rule() {
  Rule rule;
  rule.name = "online-state-key";
  rule.severity = Severity::error;
  rule.reason =
      "A batch that reads a key which its own state never has (a misspelt one) begins at the start each "
      "time: one such "
      "migration fell from 800 rows a second to 19.";
  rule.bad =
      "… where e.row_key > coalesce(state_in ->> 'lastkey', '') …\n"
      "return query select moved, jsonb_build_object('last_key', last_key);";
  rule.good = good_batch;
  rule.check_statement = check_keys;
  return rule;
}

Rule online_state_null_rule() {
  Rule rule;
  rule.name = "online-state-null";
  rule.severity = Severity::warning;
  rule.reason =
      "The state that a batch returns is what the next one is given; a null one makes it begin anew.";
  rule.bad = "return query select moved, null::jsonb;";
  rule.good = good_batch;
  rule.check_statement = check_null;
  return rule;
}

Rule online_state_not_advanced_rule() {
  Rule rule;
  rule.name = "online-state-not-advanced";
  rule.severity = Severity::warning;
  rule.reason =
      "A batch that neither goes on behind the last key nor takes its rows away reads all rows that are done "
      "again.";
  rule.bad = "select row_key from tasks_entities where not moved limit batch_size_in;";
  rule.good = good_batch;
  rule.check_statement = check_advanced;
  return rule;
}

}  // namespace dbtool::lint
