#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

void check_drop_type(const Context& context, Report& report) {
  for_each_action(
      context, sql::ActionKind::drop_object, [&](const Statement& statement, const sql::Action& action) {
        if (action.type != "type" && action.type != "domain") return;
        const std::string key = action.other.key();
        if (context.before.type(action.other) == nullptr || context.schema.type(action.other) != nullptr)
          return;
        const auto methods =
            context.functions.methods_on(key, [&](const Uses& uses) { return uses.types.contains(key); });
        const auto harm = harm_to(context, methods, action.type + " " + action.other.text());
        if (!harm) return;
        Issue issue =
            issue_of(*harm, action.type + " " + action.other.text(), "The " + action.type + " goes");
        issue.rewrite = free_first(context, *harm, "drop " + action.type + " " + action.other.text() + ";");
        report.add(statement, std::move(issue));
      });
}

}  // namespace

Rule drop_type_rule() {
  Rule rule;
  rule.name = "drop-type-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "A method that casts to a type that is gone raises an error in each call; PL/pgSQL finds that out when "
      "it runs, not when the type is dropped.";
  rule.bad = "drop type task_state;  -- while claim_task casts to it";
  rule.good =
      "-- version 31: methods with bodies that do without it\n"
      "-- version 34, when no release that called the old ones is supported any more\n"
      "drop type task_state;";
  rule.downgrades = false;
  rule.check_script = check_drop_type;
  return rule;
}

}  // namespace dbtool::lint
