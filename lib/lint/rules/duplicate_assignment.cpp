#include <nlohmann/json.hpp>
#include <set>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

/// The first name that a list of targets holds twice; empty: none.
std::string twice(const json& targets) {
  std::set<std::string> seen;
  for (const json& target : targets) {
    if (!target.contains("ResTarget") || target.at("ResTarget").contains("indirection")) continue;
    std::string name = sql::member(target.at("ResTarget"), "name");
    if (!name.empty() && !seen.insert(name).second) return name;
  }
  return {};
}

void check_duplicate_assignment(const Statement& statement, const Context&, Report& report) {
  if (!statement.parsed) return;
  std::vector<const json*> open{statement.tree.get()};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    for (const char* kind : {"UpdateStmt", "InsertStmt"}) {
      if (!node.is_object() || !node.contains(kind) || !node.at(kind).is_object()) continue;
      const char* list = std::string(kind) == "UpdateStmt" ? "targetList" : "cols";
      const std::string name = node.at(kind).contains(list) ? twice(node.at(kind).at(list)) : std::string();
      if (name.empty()) continue;
      Issue issue;
      issue.object = "column " + name;
      issue.message =
          "The statement sets " + name + " twice, which the server refuses (42601, 42701) when it runs.";
      issue.advice = "set it once";
      report.add(statement, std::move(issue));
    }
    for (const json& child : node) open.push_back(&child);
  }
}

}  // namespace

Rule duplicate_assignment_rule() {
  Rule rule;
  rule.name = "duplicate-assignment";
  rule.severity = Severity::error;
  rule.reason = "A column can be set once in a statement; PL/pgSQL finds out only when it runs.";
  rule.bad = "update tasks set state = 'failed', state = 'done';";
  rule.good = "update tasks set state = 'done';";
  rule.check_statement = check_duplicate_assignment;
  return rule;
}

}  // namespace dbtool::lint
