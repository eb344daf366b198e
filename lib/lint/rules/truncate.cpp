#include <algorithm>

#include "lint/clients.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

/// Whether a statement before this one takes the table's rows elsewhere.
bool is_read_before(const Context& context, const Statement& statement, const sql::ObjectName& table) {
  for (const Statement& earlier : context.script.statements) {
    if (&earlier == &statement) return false;
    for (const sql::Action& action : earlier.actions) {
      const bool copies = action.kind == sql::ActionKind::create_table_as ||
                          (action.kind == sql::ActionKind::insert_rows && action.has_rows_from);
      if (copies && std::find(action.others.begin(), action.others.end(), table) != action.others.end())
        return true;
    }
  }
  return false;
}

void check_truncate(const Context& context, Report& report) {
  for_each_action(
      context, sql::ActionKind::truncate, [&](const Statement& statement, const sql::Action& action) {
        if (!was_there(context, action.table)) return;
        if (!action.cascade && (!context.is_upgrade() || is_read_before(context, statement, action.table)))
          return;
        Issue issue = issue_on(
            action.table, Work::none, "access exclusive",
            action.cascade ? "All rows are gone, and those of every table that refers to it, named or not"
                           : "All rows are gone");
        issue.sized_by = {};
        issue.severity = action.cascade ? Severity::error : Severity::warning;
        issue.advice = action.cascade ? "name every table that is to be emptied, without cascade"
                                      : "copy the rows first, or say why nobody needs them";
        std::string names = action.table.text();
        for (const TableState* other : context.schema.referencing(action.table))
          if (!(other->name == action.table)) names += ", " + other->name.text();
        issue.rewrite = "truncate " + (action.cascade ? names : action.table.text()) + ";\n";
        report.add(statement, std::move(issue));
      });
}

}  // namespace

Rule truncate_rule() {
  Rule rule;
  rule.name = "truncate-loses-rows";
  rule.severity = Severity::warning;
  rule.reason =
      "`truncate` throws all rows away, which no downgrade brings back; with `cascade` also those of tables "
      "that the statement does not name.";
  rule.bad = "truncate tasks cascade;";
  rule.good =
      "insert into tasks_archive select * from tasks;\n"
      "truncate tasks;";
  rule.check_script = check_truncate;
  return rule;
}

}  // namespace dbtool::lint
