#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/parse.h"
#include "sql/tree.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

/// Of `create function` and `alter function`: whether an option is there, and for "set" whether it sets the
/// search path.
bool has_attribute(const json& node, const std::string& name) {
  const json* options = sql::child(node, node.contains("options") ? "options" : "actions");
  if (options == nullptr) return false;
  for (const json& option : *options) {
    if (!option.contains("DefElem")) continue;
    const json& element = option.at("DefElem");
    if (sql::member(element, "defname") != name || !element.contains("arg")) continue;
    const json& value = element.at("arg");
    if (name == "security") {
      const bool on = value.contains("Boolean") && value.at("Boolean").value("boolval", false);
      return on;
    }
    if (value.contains("VariableSetStmt") &&
        sql::member(value.at("VariableSetStmt"), "name") == "search_path")
      return true;
  }
  return false;
}

Issue issue_about(const std::string& function) {
  Issue issue;
  issue.object = "function " + function;
  issue.message =
      "It runs with its owner's rights and the caller's search_path: whoever calls it may put a table or an "
      "operator of his own in the way, and has it run by the owner.";
  issue.advice = "fix the search path in the function";
  issue.rewrite = "alter function " + function + "(…) set search_path = public, pg_temp;\n";
  return issue;
}

/// What a statement says of a function's attributes; nullptr: it is of another kind.
const json* attributes_of(const Statement& statement) {
  if (!statement.parsed) return nullptr;
  const json* made = sql::node_of(*statement.tree, "CreateFunctionStmt");
  return made != nullptr ? made : sql::node_of(*statement.tree, "AlterFunctionStmt");
}

sql::ObjectName function_of(const json& node) {
  const json* of_alter = sql::child(node, "func");
  const json* names = of_alter == nullptr ? sql::child(node, "funcname") : sql::child(*of_alter, "objname");
  if (names == nullptr || names->empty()) return {};
  const auto part = [](const json& name) {
    const json* text = sql::node_of(name, "String");
    return text == nullptr ? std::string() : sql::member(*text, "sval");
  };
  return {names->size() > 1 ? part(names->at(names->size() - 2)) : "", part(names->back())};
}

/// The types of the arguments by which `create function` and `alter function` mean one of several functions
/// of a name; nullopt: not said, there is but one.
std::optional<std::vector<std::string>> argument_types(const json& node) {
  const json* of_alter = sql::child(node, "func");
  std::vector<std::string> types;
  if (of_alter != nullptr) {
    if (of_alter->value("args_unspecified", false)) return std::nullopt;
    if (const json* args = sql::child(*of_alter, "objargs")) {
      for (const json& one : *args) types.push_back(sql::full_type_text(one.at("TypeName")));
    }
    return types;
  }
  const json* parameters = sql::child(node, "parameters");
  if (parameters == nullptr) return types;
  for (const json& one : *parameters) {
    const json& parameter = one.at("FunctionParameter");
    const std::string mode = sql::member(parameter, "mode");
    if (mode != "FUNC_PARAM_OUT" && mode != "FUNC_PARAM_TABLE")
      types.push_back(sql::full_type_text(parameter.at("argType")));
  }
  return types;
}

bool is_same_function(const json& one, const json& other) {
  if (!(function_of(one) == function_of(other))) return false;
  const auto types = argument_types(one);
  const auto other_types = argument_types(other);
  return !types || !other_types || *types == *other_types;
}

/// Attributes may come in several statements: what counts is what the function has behind the last.
bool has_search_path(const json& function, const Script& script) {
  return std::any_of(script.statements.begin(), script.statements.end(), [&](const Statement& one) {
    const json* attributes = attributes_of(one);
    return attributes != nullptr && is_same_function(*attributes, function) &&
           has_attribute(*attributes, "set");
  });
}

void check_security_definer(const Statement& statement, const Context& context, Report& report) {
  const json* attributes = attributes_of(statement);
  if (attributes == nullptr || !has_attribute(*attributes, "security")) return;
  const sql::ObjectName function = function_of(*attributes);
  if (!function.empty() && !has_search_path(*attributes, context.script))
    report.add(statement, issue_about(function.text()));
}

/// Attributes of a method stand behind its return type.
void check_definer_methods(const Context& context, Report& report) {
  for (const Method& method : context.version().methods) {
    if (!method.body || !method.returns) continue;
    const std::string returns = sql::normalize(method.returns->text);
    const bool definer = returns.find("security definer") != std::string::npos;
    if (definer && returns.find("search_path") == std::string::npos)
      report.add(method.place, issue_about(method.name));
  }
}

}  // namespace

Rule security_definer_rule() {
  Rule rule;
  rule.name = "security-definer-search-path";
  rule.severity = Severity::warning;
  rule.reason =
      "A `security definer` function without a search path of its own finds what its caller wants it to "
      "find, and runs it with its owner's rights.";
  rule.bad = "create function f() returns void language plpgsql security definer as $$ … $$;";
  rule.good =
      "create function f() returns void language plpgsql security definer\n"
      "  set search_path = public, pg_temp as $$ … $$;";
  rule.downgrades = false;
  rule.check_statement = check_security_definer;
  rule.check_script = check_definer_methods;
  return rule;
}

}  // namespace dbtool::lint
