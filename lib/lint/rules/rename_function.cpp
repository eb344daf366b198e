#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

void check_rename_function(const Context& context, Report& report) {
  for_each_action(
      context, sql::ActionKind::rename_object, [&](const Statement& statement, const sql::Action& action) {
        if (action.type != "function" && action.type != "procedure" && action.type != "routine") return;
        const std::string& name = action.other.name;
        const auto entries = context.project.method_index.find(name);
        const bool is_method = entries != context.project.method_index.end() &&
                               entries->second.front().version < context.version().number;
        const auto harm = is_method
                              ? harm_to(context, {name}, "its name")
                              : harm_to(context, context.functions.methods_calling(name), "function " + name);
        if (!harm) return;
        Issue issue =
            issue_of(*harm, "function " + name, "The function is called " + action.new_name + " from now on");
        issue.advice = is_method
                           ? "functions are forever: add a method of the new name, and deprecate this one"
                           : "give these methods bodies that use the new name, in this version";
        issue.rewrite =
            is_method ? "methods:\n  " + name + ":\n    deprecated: true\n  " + action.new_name + ":\n    …\n"
                      : free_first(context, *harm, statement.text + ";");
        report.add(statement, std::move(issue));
      });
}

}  // namespace

Rule rename_function_rule() {
  Rule rule;
  rule.name = "rename-function-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "Functions are forever: services call a method by its name, and methods the functions that their "
      "bodies name.";
  rule.bad = "alter function get_task(text) rename to load_task;";
  rule.good =
      "methods:\n"
      "  get_task:\n"
      "    deprecated: true\n"
      "  load_task:\n"
      "    …";
  rule.downgrades = false;
  rule.check_script = check_rename_function;
  return rule;
}

}  // namespace dbtool::lint
