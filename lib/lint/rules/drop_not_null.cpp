#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check_drop_not_null(const Context& context, Report& report) {
  for_each_action(
      context, sql::ActionKind::drop_not_null, [&](const Statement& statement, const sql::Action& action) {
        if (!was_there(context, action.table)) return;
        const ColumnState* before = context.before.column(action.table, action.name);
        const ColumnState* after = context.schema.column(action.table, action.name);
        if ((before != nullptr && !before->not_null) || (after != nullptr && after->not_null)) return;
        const std::string name = sql::quote_if_needed(action.name);
        const std::string column = action.table.text() + "." + name;
        const std::string key = action.table.key();
        auto harm = harm_of_losing(context, action.table, "a value in " + column,
                                   [&](const Uses& uses) { return uses_column(uses, key, action.name); });
        if (!harm) return;
        harm->severity = Severity::warning;  // harmless until the first null is written
        Issue issue = issue_of(*harm, "column " + column, "Whoever reads the column may now meet null");
        issue.advice =
            "write no null, or methods that give a value in its place, as long as a supported release "
            "relies on it";
        issue.rewrite = "# what older releases read, as they know it\nmethods:\n  " +
                        (harm->methods.empty() ? std::string("…") : harm->methods.front()) +
                        ":\n    body: |-\n      … select coalesce(" + name + ", …) …\n";
        report.add(statement, std::move(issue));
      });
}

}  // namespace

Rule drop_not_null_rule() {
  Rule rule;
  rule.name = "drop-not-null-in-use";
  rule.severity = Severity::warning;
  rule.reason =
      "Services of older releases were written when the column always held a value; the first null reaches "
      "them unprepared.";
  rule.bad = "alter table tasks alter column owner drop not null;";
  rule.good =
      "-- the methods of older releases: select coalesce(t.owner, 'unknown')\n"
      "alter table tasks alter column owner drop not null;";
  rule.downgrades = false;
  rule.check_script = check_drop_not_null;
  return rule;
}

}  // namespace dbtool::lint
