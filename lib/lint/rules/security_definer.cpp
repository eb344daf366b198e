#include <nlohmann/json.hpp>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/parse.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

/// Of `create function`: whether an option is there, and for "set" whether it sets the search path.
bool has_option(const json& node, const std::string& name) {
  if (!node.contains("options")) return false;
  for (const json& option : node.at("options")) {
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

void check_security_definer(const Statement& statement, const Context&, Report& report) {
  if (!statement.parsed || !statement.tree->contains("CreateFunctionStmt") || statement.actions.empty())
    return;
  const json& node = statement.tree->at("CreateFunctionStmt");
  if (has_option(node, "security") && !has_option(node, "set"))
    report.add(statement, issue_about(statement.actions.front().other.text()));
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
