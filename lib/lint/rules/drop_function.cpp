#include <algorithm>

#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "model/release.h"

namespace dbtool::lint {
namespace {

bool is_function(const std::string& type) {
  return type == "function" || type == "procedure" || type == "routine";
}

/// Made anew behind the drop, by the script or as a method.
bool is_there(const Functions& functions, const sql::Action& action) {
  const FunctionState* state = functions.find(action.other.name);
  const Overload dropped = overload_of(action);
  return state != nullptr && std::any_of(state->overloads.begin(), state->overloads.end(),
                                         [&](const auto& one) { return one.first.same_as(dropped); });
}

/// Whether what is dropped is a method, and no function of the same name and other arguments.
bool is_method(const Context& context, const sql::Action& action) {
  const auto entries = context.project.method_index.find(action.other.name);
  if (entries == context.project.method_index.end()) return false;
  const Overload dropped = overload_of(action);
  return std::any_of(entries->second.begin(), entries->second.end(), [&](const MethodEntry& entry) {
    const Method& method = context.project.version(entry.version).methods[entry.index];
    if (!method.args) return !method.body;  // one that is deprecated says its arguments no more
    return overload_of_arguments(method.args->text).same_as(dropped);
  });
}

std::optional<Harm> harm_of_dropping(const Context& context, const sql::Action& action) {
  const std::string& name = action.other.name;
  if (!is_method(context, action))
    return harm_to(context, context.functions.methods_calling(name, overload_of(action)), "function " + name);
  const int version = context.version().number;
  const bool unknown_yet = context.project.method_index.at(name).front().version > version;
  if (unknown_yet) return std::nullopt;
  auto harm = harm_to(context, {name}, "its name");
  if (harm) {
    harm->message = "It is a method";
    const std::vector<Release> calling = releases_calling(context.project, name, version);
    harm->message += calling.empty() ? " that is not deprecated."
                                     : ", and " + names_of(calling) + " may run on version " +
                                           std::to_string(version) + " and call it.";
  }
  return harm;
}

void check_drop_function(const Context& context, Report& report) {
  for_each_action(
      context, sql::ActionKind::drop_object, [&](const Statement& statement, const sql::Action& action) {
        const std::string& name = action.other.name;
        if (!is_function(action.type) || is_there(context.functions, action)) return;
        if (name.starts_with("online_migration_v") || name.starts_with("online_downgrade_v")) return;
        const auto harm = harm_of_dropping(context, action);
        if (!harm) return;
        Issue issue = issue_of(*harm, "function " + name, "The function goes");
        if (is_method(context, action)) {
          issue.advice = "functions are forever: mark the method deprecated, and leave it in the database";
          issue.rewrite = "methods:\n  " + name + ":\n    deprecated: true\n";
        } else {
          issue.rewrite = free_first(context, *harm, "drop function " + action.other.text() + "(…);");
        }
        report.add(statement, std::move(issue));
      });
}

}  // namespace

Rule drop_function_rule() {
  Rule rule;
  rule.name = "drop-function-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "Functions are forever: services of older releases call a method until nobody runs them any more, and "
      "methods call the functions that their bodies name.";
  rule.bad = "drop function get_task(text);";
  rule.good =
      "methods:\n"
      "  get_task:\n"
      "    deprecated: true";
  rule.downgrades = false;
  rule.check_script = check_drop_function;
  return rule;
}

}  // namespace dbtool::lint
