#include <algorithm>

#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

bool is_made_by_script(const Context& context, const sql::ObjectName& type) {
  return std::any_of(context.script.statements.begin(), context.script.statements.end(),
                     [&](const Statement& one) {
                       return std::any_of(one.actions.begin(), one.actions.end(), [&](const auto& action) {
                         return action.kind == sql::ActionKind::create_type && action.other == type;
                       });
                     });
}

void check_rename_enum_value(const Context& context, Report& report) {
  for_each_action(context, sql::ActionKind::rename_enum_value,
                  [&](const Statement& statement, const sql::Action& action) {
                    const Schema::TypeState* before = context.before.type(action.other);
                    if (before == nullptr && is_made_by_script(context, action.other)) return;
                    const auto methods = context.functions.methods_that(
                        [&](const Uses& uses) { return uses.constants.contains(action.name); });
                    Harm harm;
                    if (const auto known = harm_to(context, methods, "the value '" + action.name + "'"))
                      harm = *known;
                    else
                      harm.message = "Services that send or expect '" + action.name + "' are not told.";
                    Issue issue = issue_of(
                        harm, "type " + action.other.text(),
                        "The value '" + action.name + "' is called '" + action.new_name + "' from now on");
                    issue.advice =
                        "add a value, and let both stand until no supported release knows the old one";
                    issue.rewrite = "alter type " + action.other.text() + " add value '" + action.new_name +
                                    "' after '" + action.name + "';\n";
                    report.add(statement, std::move(issue));
                  });
}

}  // namespace

Rule rename_enum_value_rule() {
  Rule rule;
  rule.name = "rename-enum-value";
  rule.severity = Severity::warning;
  rule.reason =
      "An enum's values are data that services send and read: releases that know the old one get an error "
      "when they send it, and do not understand the new one.";
  rule.bad = "alter type task_state rename value 'failed' to 'error';";
  rule.good = "alter type task_state add value 'error' after 'failed';";
  rule.downgrades = false;
  rule.check_script = check_rename_enum_value;
  return rule;
}

}  // namespace dbtool::lint
