#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/parse.h"

namespace dbtool::lint {
namespace {

std::vector<std::string> without_ending(const Method& method) {
  std::vector<std::string> names;
  const auto arguments = method.args ? sql::parse_arguments(method.args->text) : std::nullopt;
  if (!arguments) return names;
  for (const sql::Argument& one : *arguments) {
    const bool is_input = one.mode == "in" || one.mode == "inout" || one.mode == "variadic";
    if (is_input && !one.name.empty() && !one.name.ends_with("_in")) names.push_back(one.name);
  }
  return names;
}

/// Of methods that the version is the first to name: later ones cannot change them.
void check_argument_naming(const Context& context, Report& report) {
  for (const Method& method : context.version().methods) {
    const auto entries = context.project.method_index.find(method.name);
    const bool is_new = entries == context.project.method_index.end() ||
                        entries->second.front().version == context.version().number;
    const std::vector<std::string> names = is_new ? without_ending(method) : std::vector<std::string>{};
    if (names.empty()) continue;
    Issue issue;
    issue.object = "method " + method.name;
    issue.message = "Arguments without the ending _in (" + join(names, ", ") +
                    ") are easily taken for columns, and can never be renamed: callers name them.";
    issue.advice = "end their names in _in";
    issue.rewrite = "args: … " + names.front() + "_in …\n";
    report.add(method.place, std::move(issue));
  }
}

}  // namespace

Rule argument_naming_rule() {
  Rule rule;
  rule.name = "argument-naming";
  rule.severity = Severity::note;
  rule.reason =
      "An argument that ends in _in cannot be taken for a column. Its name is for ever: services call "
      "methods by named arguments.";
  rule.bad = "args: task_id text";
  rule.good = "args: task_id_in text";
  rule.downgrades = false;
  rule.check_script = check_argument_naming;
  return rule;
}

}  // namespace dbtool::lint
