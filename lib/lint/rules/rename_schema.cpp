#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

void check_rename_schema(const Context& context, Report& report) {
  for_each_action(
      context, sql::ActionKind::rename_object, [&](const Statement& statement, const sql::Action& action) {
        if (action.type != "schema" || context.schema.others().contains("schema " + action.name)) return;
        const std::string prefix = action.name + ".";
        const auto methods = context.functions.methods_that([&](const Uses& uses) {
          const auto first = uses.tables.lower_bound(prefix);
          return first != uses.tables.end() && first->first.starts_with(prefix);
        });
        Harm harm;
        if (const auto known = harm_to(context, methods, "schema " + action.name))
          harm = *known;
        else
          harm.message = "Whoever names " + action.name + " finds nothing there.";
        Issue issue = issue_of(harm, "schema " + action.name,
                               "The schema is called " + action.new_name + " from now on");
        issue.advice = "leave the schema its name; a name costs nothing, finding all who use it does";
        issue.rewrite = "-- give everything that names " + action.name +
                        " the new name in the same version\n" + statement.text + ";\n";
        report.add(statement, std::move(issue));
      });
}

}  // namespace

Rule rename_schema_rule() {
  Rule rule;
  rule.name = "rename-schema";
  rule.severity = Severity::warning;
  rule.reason =
      "Everything that names the schema, in methods, settings and services, stops finding what is in it.";
  rule.bad = "alter schema archive rename to history;";
  rule.good = "-- together with all that names it; or leave the name";
  rule.downgrades = false;
  rule.check_script = check_rename_schema;
  return rule;
}

}  // namespace dbtool::lint
