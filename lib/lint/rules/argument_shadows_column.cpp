#include <set>

#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "nlohmann/json.hpp"
#include "sql/definition.h"
#include "sql/parse.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

std::set<std::string> variables_of(const Method& method) {
  std::set<std::string> names;
  if (const auto arguments = method.args ? sql::parse_arguments(method.args->text) : std::nullopt) {
    for (const sql::Argument& one : *arguments) names.insert(one.name);
  }
  if (const auto returns = method.returns ? sql::parse_returns(method.returns->text) : std::nullopt) {
    for (const sql::Argument& one : returns->columns) names.insert(one.name);
  }
  names.erase("");
  return names;
}

/// Names that stand alone where a column may be meant, `on conflict (…)` included.
std::set<std::string> plain_names(const json& tree) {
  std::set<std::string> names;
  std::vector<const json*> open{&tree};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    if (node.is_object() && node.contains("ColumnRef")) {
      const json& reference = node.at("ColumnRef");
      if (reference.contains("fields") && reference.at("fields").size() == 1)
        names.insert(sql::list_part(reference.at("fields"), 0));
    }
    if (node.is_object() && node.contains("infer") && node.at("infer").is_object() &&
        node.at("infer").contains("indexElems")) {
      for (const json& element : node.at("infer").at("indexElems")) {
        if (element.contains("IndexElem")) names.insert(sql::member(element.at("IndexElem"), "name"));
      }
    }
    for (const json& child : node) open.push_back(&child);
  }
  return names;
}

const TableState* table_with(const Statement& statement, const Schema& schema, const std::string& column) {
  for (const sql::Action& action : statement.actions) {
    std::vector<sql::ObjectName> tables = action.others;
    tables.push_back(action.table);
    for (const sql::ObjectName& name : tables) {
      const TableState* table = schema.table(name);
      if (table != nullptr && table->column(column) != nullptr) return table;
    }
  }
  return nullptr;
}

bool settles_conflicts(const Method& method) {
  return sql::normalize(method.body->text).find("variable_conflict") != std::string::npos;
}

void check(const Statement& statement, const Context& context, Report& report) {
  if (statement.part != Part::method || statement.method == nullptr || !statement.parsed) return;
  const std::set<std::string> variables = variables_of(*statement.method);
  if (variables.empty()) return;
  for (const std::string& name : plain_names(*statement.tree)) {
    if (!variables.contains(name)) continue;
    const TableState* table = table_with(statement, context.schema, name);
    if (table == nullptr || settles_conflicts(*statement.method)) continue;
    const std::string quoted = sql::quote_if_needed(name);
    Issue issue;
    issue.object = "method " + statement.function;
    issue.message = "`" + name + "` is an argument or a column of the result, and a column of " + table->name.text() +
                    ": the server does not guess, and refuses the call (42702).";
    issue.advice = "write " + statement.function + "." + quoted + " for the argument, and the table's alias before the column";
    issue.rewrite = "… t." + quoted + " = " + statement.function + "." + quoted + " …\n";
    report.add(statement, std::move(issue));
    return;
  }
}

}  // namespace

Rule argument_shadows_column_rule() {
  Rule rule;
  rule.name = "argument-shadows-column";
  rule.severity = Severity::warning;
  rule.reason =
      "A name that is an argument and a column at once is ambiguous: PL/pgSQL finds out when the statement runs first, not when the function is made.";
  rule.bad =
      "args: task_id text\n"
      "body: … select * from tasks where task_id = task_id …";
  rule.good =
      "args: task_id_in text\n"
      "body: … select * from tasks t where t.task_id = task_id_in …";
  rule.downgrades = false;
  rule.check_statement = check;
  return rule;
}

}  // namespace dbtool::lint
