#include <nlohmann/json.hpp>

#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

bool is_drop(sql::ActionKind kind) {
  switch (kind) {
    case sql::ActionKind::drop_table:
    case sql::ActionKind::drop_column:
    case sql::ActionKind::drop_constraint:
    case sql::ActionKind::drop_index:
    case sql::ActionKind::drop_trigger:
    case sql::ActionKind::drop_object:
      return true;
    default:
      return false;
  }
}

std::string object_of(const sql::Action& action) {
  const bool of_table = action.kind == sql::ActionKind::drop_column ||
                        action.kind == sql::ActionKind::drop_constraint ||
                        action.kind == sql::ActionKind::drop_trigger;
  if (of_table)
    return (action.kind == sql::ActionKind::drop_column       ? "column "
            : action.kind == sql::ActionKind::drop_constraint ? "constraint "
                                                              : "trigger ") +
           action.name + " of " + action.table.text();
  if (action.kind == sql::ActionKind::drop_table) return table_object(action.table);
  return (action.kind == sql::ActionKind::drop_index ? "index" : action.type) + " " + action.other.text();
}

/// The statement as it stands, up to its `cascade`.
std::string without_cascade(const Statement& statement) {
  std::string text = statement.text;
  const std::size_t end = text.find_last_not_of(" \n\t");
  if (end != std::string::npos && end >= 7) text.erase(end - 6);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
  return text + ";\n";
}

void check_drop_cascade(const Statement& statement, const Context& context, Report& report) {
  if (statement.part != Part::script) return;
  if (statement.parsed && statement.tree->contains("DropOwnedStmt")) {
    Issue issue;
    issue.object = "drop owned";
    issue.message =
        "`drop owned` drops whatever the role owns in this database, and its rights: what that is, the "
        "statement does not name.";
    issue.advice = "name everything that is to go, and drop it without cascade";
    issue.rewrite = "drop table …;\n";
    report.add(statement, std::move(issue));
    return;
  }
  for (const sql::Action& action : statement.actions) {
    if (!action.cascade || !is_drop(action.kind)) continue;
    if (!action.table.empty() && !context.is_there(action.table)) continue;
    Issue issue;
    issue.object = object_of(action);
    issue.message =
        "`cascade` also drops whatever depends on it: views, constraints, functions, which the statement "
        "does not name.";
    issue.advice =
        "name everything that is to go, and drop it without cascade: then the server refuses what is not "
        "meant";
    issue.rewrite = "-- first what depends on it, by name, then\n" + without_cascade(statement);
    report.add(statement, std::move(issue));
    return;
  }
}

}  // namespace

Rule drop_cascade_rule() {
  Rule rule;
  rule.name = "drop-cascade";
  rule.severity = Severity::warning;
  rule.reason =
      "`cascade` drops whatever depends on the object, today or in a database that differs a little; nobody "
      "sees what went.";
  rule.bad = "drop table tasks cascade;";
  rule.good =
      "drop view open_tasks;\n"
      "drop table tasks;";
  rule.check_statement = check_drop_cascade;
  return rule;
}

}  // namespace dbtool::lint
