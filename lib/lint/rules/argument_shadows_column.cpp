#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
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

struct Shadowed {
  std::string name;
  const TableState* table = nullptr;
};

/// Finds names that stand alone where both a variable and a column of a table in reach may be meant.
class ShadowReader {
 public:
  using Tables = std::vector<sql::ObjectName>;

  ShadowReader(const Schema& schema, const std::set<std::string>& variables)
      : schema_(schema), variables_(variables) {}

  std::optional<Shadowed> run(const json& tree) {
    visit(tree, {});
    return found_;
  }

 private:
  void visit(const json& node, const Tables& tables) {
    if (found_ || !node.is_structured()) return;
    if (node.is_array()) {
      for (const json& child : node) visit(child, tables);
      return;
    }
    for (const auto& [kind, value] : node.items()) visit_member(kind, value, tables);
  }

  void visit_member(const std::string& kind, const json& value, const Tables& tables) {
    static const std::set<std::string, std::less<>> statements = {"SelectStmt", "UpdateStmt", "DeleteStmt",
                                                                  "MergeStmt",  "larg",       "rarg"};
    if (!value.is_structured()) return;
    if (kind == "InsertStmt") {
      visit_insert(value, tables);
    } else if (value.is_object() && statements.contains(kind)) {
      Tables own = tables;
      for (const char* part : {"relation", "fromClause", "usingClause", "sourceRelation"}) {
        if (value.contains(part)) add_tables(value.at(part), std::string(part) == "relation", own);
      }
      visit(value, own);
    } else if (kind == "ColumnRef") {
      if (value.contains("fields") && value.at("fields").size() == 1)
        meet(sql::list_part(value.at("fields"), 0), tables);
    } else if (kind == "SortBy" && value.contains("node") && value.at("node").contains("ColumnRef")) {
      return;  // the result's own column comes first
    } else {
      visit(value, tables);
    }
  }

  /// What is inserted does not see the table, `on conflict` and `returning` do.
  void visit_insert(const json& insert, const Tables& tables) {
    Tables own = tables;
    if (insert.contains("relation")) add_tables(insert.at("relation"), true, own);
    for (const auto& [part, value] : insert.items()) {
      const bool sees = part == "onConflictClause" || part == "returningList";
      if (part != "cols") visit(value, sees ? own : tables);
    }
    if (!insert.contains("onConflictClause")) return;
    const json& conflict = insert.at("onConflictClause");
    if (!conflict.contains("infer") || !conflict.at("infer").contains("indexElems")) return;
    for (const json& element : conflict.at("infer").at("indexElems")) {
      if (element.contains("IndexElem")) meet(sql::member(element.at("IndexElem"), "name"), own);
    }
  }

  /// Tables of a `from`, not those of queries in it.
  static void add_tables(const json& node, bool is_relation, Tables& tables) {
    std::vector<const json*> open{&node};
    if (is_relation) tables.push_back(sql::relation_name(node));
    while (!open.empty()) {
      const json& one = *open.back();
      open.pop_back();
      if (!one.is_structured()) continue;
      if (one.is_object() && one.contains("RangeVar")) tables.push_back(sql::relation_name(one));
      for (const auto& [kind, child] : one.items()) {
        if (kind != "RangeSubselect" && kind != "SubLink") open.push_back(&child);
      }
    }
  }

  void meet(const std::string& name, const Tables& tables) {
    if (found_ || !variables_.contains(name)) return;
    for (const sql::ObjectName& table : tables) {
      const TableState* state = schema_.table(table);
      if (state != nullptr && state->column(name) != nullptr) found_ = Shadowed{name, state};
    }
  }

  const Schema& schema_;
  const std::set<std::string>& variables_;
  std::optional<Shadowed> found_;
};

bool settles_conflicts(const Method& method) {
  return sql::normalize(method.body->text).find("variable_conflict") != std::string::npos;
}

void check_argument_shadows_column(const Statement& statement, const Context& context, Report& report) {
  if (statement.part != Part::method || statement.method == nullptr || !statement.parsed) return;
  const std::set<std::string> variables = variables_of(*statement.method);
  if (variables.empty()) return;
  const auto found = ShadowReader(context.schema, variables).run(*statement.tree);
  if (!found || settles_conflicts(*statement.method)) return;
  const std::string quoted = sql::quote_if_needed(found->name);
  Issue issue;
  issue.object = "method " + statement.function;
  issue.message = "`" + found->name + "` is an argument or a column of the result, and a column of " +
                  found->table->name.text() + ": the server does not guess, and refuses the call (42702).";
  issue.advice = "write " + statement.function + "." + quoted +
                 " for the argument, and the table's alias before the column";
  issue.rewrite = "… t." + quoted + " = " + statement.function + "." + quoted + " …\n";
  report.add(statement, std::move(issue));
}

}  // namespace

Rule argument_shadows_column_rule() {
  Rule rule;
  rule.name = "argument-shadows-column";
  rule.severity = Severity::warning;
  rule.reason =
      "A name that is an argument and a column at once is ambiguous: PL/pgSQL finds out when the statement "
      "runs first, not when the function is made.";
  rule.bad =
      "args: task_id text\n"
      "body: … select * from tasks where task_id = task_id …";
  rule.good =
      "args: task_id_in text\n"
      "body: … select * from tasks t where t.task_id = task_id_in …";
  rule.downgrades = false;
  rule.check_statement = check_argument_shadows_column;
  return rule;
}

}  // namespace dbtool::lint
