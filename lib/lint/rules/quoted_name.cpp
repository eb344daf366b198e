#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

std::vector<std::string> made_names(const sql::Action& action) {
  switch (action.kind) {
    case sql::ActionKind::create_table: {
      std::vector<std::string> names{action.table.name};
      for (const sql::Column& column : action.table_columns) names.push_back(column.name);
      for (const sql::Constraint& one : action.constraints) names.push_back(one.name);
      return names;
    }
    case sql::ActionKind::create_table_as:
    case sql::ActionKind::create_view:
    case sql::ActionKind::create_sequence:
      return {action.table.name};
    case sql::ActionKind::create_function:
    case sql::ActionKind::create_type:
      return {action.other.name};
    case sql::ActionKind::add_column:
    case sql::ActionKind::add_constraint:
    case sql::ActionKind::create_index:
    case sql::ActionKind::create_trigger:
    case sql::ActionKind::create_schema:
      return {action.name};
    case sql::ActionKind::rename_table:
    case sql::ActionKind::rename_column:
    case sql::ActionKind::rename_constraint:
    case sql::ActionKind::rename_index:
    case sql::ActionKind::rename_object:
      return {action.new_name};
    default:
      return {};
  }
}

/// A word that the grammar keeps for itself.
bool is_reserved(const std::string& name) {
  return sql::parse_tree("create table t (" + name + " int)").empty();
}

/// Names that stand in quotes and need them.
std::set<std::string> quoted_names(const std::string& text) {
  std::set<std::string> names;
  for (const sql::Token& token : sql::tokenize(text)) {
    if (token.kind != sql::TokenKind::quoted_identifier || token.length < 2) continue;
    const std::string name = text.substr(token.offset + 1, token.length - 2);
    if (sql::quote_if_needed(name) != name || is_reserved(name)) names.insert(name);
  }
  return names;
}

void check_quoted_name(const Statement& statement, const Context&, Report& report) {
  if (statement.part != Part::script || statement.text.find('"') == std::string::npos) return;
  std::set<std::string> quoted;
  for (const sql::Action& action : statement.actions) {
    if (quoted.empty()) quoted = quoted_names(statement.text);
    for (const std::string& name : made_names(action)) {
      if (quoted.erase(name) == 0) continue;
      const std::string lower = to_lower(name);
      Issue issue;
      issue.object = "name \"" + name + "\"";
      issue.message =
          "Everybody who names it has to write the quotes, for ever; without them the server looks for " +
          (lower == name ? "a word of its own" : lower) + ".";
      issue.advice = "choose a name of lower-case letters, digits and _ that is no reserved word";
      report.add(statement, std::move(issue));
      if (quoted.empty()) return;
    }
  }
}

}  // namespace

Rule quoted_name_rule() {
  Rule rule;
  rule.name = "quoted-name";
  rule.severity = Severity::note;
  rule.reason =
      "A reserved word or a name of mixed case is found only in quotes, which are then forgotten somewhere.";
  rule.bad = "create table \"Users\" (id bigint primary key);";
  rule.good = "create table users (id bigint primary key);";
  rule.downgrades = false;
  rule.check_statement = check_quoted_name;
  return rule;
}

}  // namespace dbtool::lint
