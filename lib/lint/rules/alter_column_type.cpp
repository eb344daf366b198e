#include <algorithm>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

/// Another collation orders texts otherwise: the rows stay, the indexes on the column do not.
Issue issue_of_collation(const sql::Action& action) {
  Issue issue = issue_on(action.table, Work::index, "access exclusive",
                         "Another collation of " + action.name + " builds its indexes anew");
  const std::string name = sql::quote_if_needed(action.name);
  issue.advice = "leave the column's collation, and give it to an index of its own, built concurrently";
  issue.rewrite = outside_transaction(
      "create index concurrently " + made_name(action.table, action.name, "idx") + " on " +
          action.table.text() + " (" + name + " collate " + sql::quote_if_needed(action.new_name) + ");",
      "drop index concurrently " + made_name(action.table, action.name, "idx") + ";");
  return issue;
}

bool is_indexed(const Schema& schema, const sql::ObjectName& table, const std::string& column) {
  const std::vector<const IndexState*> indexes = schema.indexes_of(table);
  return std::any_of(indexes.begin(), indexes.end(), [&](const IndexState* one) {
    return std::find(one->columns.begin(), one->columns.end(), column) != one->columns.end();
  });
}

void check_alter_column_type(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    const bool of_table = action.object_type == "table";
    if (action.kind != sql::ActionKind::alter_column_type || !of_table || !context.matters(action.table))
      continue;
    const sql::TypeChange change = type_change_of(action, context.schema);
    if (change == sql::TypeChange::none) {
      if (!action.new_name.empty() && is_indexed(context.schema, action.table, action.name))
        report.add(statement, issue_of_collation(action));
      continue;
    }
    const ColumnState* column = context.schema.column(action.table, action.name);
    const std::string from = column == nullptr ? "its type" : column->type;
    const std::string name = sql::quote_if_needed(action.name);
    const std::string copy = sql::quote_if_needed(action.name + "_new");
    std::string what = "Changing " + action.name + " from " + from + " to " + action.type +
                       " rewrites the table and its indexes";
    if (change == sql::TypeChange::zone) what += " unless the session's time zone is UTC";
    if (change == sql::TypeChange::unknown)
      what = "Changing " + action.name + " to " + action.type +
             " rewrites the table, unless both types are stored alike";
    Issue issue = issue_on(action.table, Work::rewrite, "access exclusive", what);
    if (change == sql::TypeChange::zone || change == sql::TypeChange::unknown)
      issue.severity = Severity::warning;
    issue.advice = "a new column beside it, filled online, then the functions read the new one";
    issue.rewrite =
        in_version(
            context, 0,
            alter(action.table) + " add column " + copy + " " + action.type + ";\n" +
                fill_online(action.table, action.name + "_new",
                            action.expression.empty() ? name + "::" + action.type : action.expression)) +
        in_version(context, 1, "-- methods write both and read " + copy) +
        in_version(context, 2,
                   alter(action.table) + " drop column " + name + ";  -- when no supported release uses it");
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule alter_column_type_rule() {
  Rule rule;
  rule.name = "alter-column-type-rewrites";
  rule.severity = Severity::error;
  rule.reason =
      "Most changes of a type write every row and index anew under an access exclusive lock. Free are: a "
      "longer varchar, "
      "varchar to text, more digits of numeric at the same scale, more precision of a timestamp, cidr to "
      "inet.";
  rule.bad = "alter table tasks alter column retries type bigint;";
  rule.good = "alter table tasks add column retries_new bigint;";
  rule.check_statement = check_alter_column_type;
  return rule;
}

}  // namespace dbtool::lint
