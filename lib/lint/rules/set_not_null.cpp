#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_set_not_null(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::set_not_null || !context.matters(action.table)) continue;
    if (is_proved_not_null(context.schema, action.table, action.name)) continue;
    const std::string name = sql::quote_if_needed(action.name);
    const std::string constraint = made_name(action.table, action.name, "not_null");
    Issue issue = issue_on(action.table, Work::scan, "access exclusive",
                           "`set not null` reads the whole table to look for nulls");
    issue.advice =
        "prove it first with a check that was validated in an earlier version: then nothing is read";
    issue.rewrite = in_version(context, 0,
                               alter(action.table) + " add constraint " + constraint + " check (" + name +
                                   " is not null) not valid;") +
                    in_version(context, 1, alter(action.table) + " validate constraint " + constraint + ";") +
                    in_version(context, 2,
                               alter(action.table) + " alter column " + name + " set not null;\n" +
                                   alter(action.table) + " drop constraint " + constraint + ";");
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule set_not_null_rule() {
  Rule rule;
  rule.name = "set-not-null-scans";
  rule.severity = Severity::error;
  rule.reason =
      "Without a valid check that proves it, `set not null` scans the table under an access exclusive lock: "
      "nobody "
      "reads or writes meanwhile.";
  rule.bad = "alter table tasks alter column owner set not null;";
  rule.good =
      "-- version 31\n"
      "alter table tasks add constraint tasks_owner_not_null check (owner is not null) not valid;\n"
      "-- version 32\n"
      "alter table tasks validate constraint tasks_owner_not_null;\n"
      "-- version 33\n"
      "alter table tasks alter column owner set not null;";
  rule.check_statement = check_set_not_null;
  return rule;
}

}  // namespace dbtool::lint
