#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/parse.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

/// `using x` or `using x::type` converts as the type change would without it.
bool is_plain_using(const sql::Action& action) {
  const std::string written = sql::normalize(action.expression);
  const std::string name = sql::normalize(sql::quote_if_needed(action.name));
  if (written.empty() || written == name) return true;
  const std::string cast = "::";
  return written.starts_with(name + cast) &&
         sql::canonical_type(written.substr(name.size() + cast.size())) == action.type;
}

sql::TypeChange change_of(const sql::Action& action, const Context& context) {
  const ColumnState* column = context.schema.column(action.table, action.name);
  if (!is_plain_using(action)) return sql::TypeChange::rewrite;
  return column == nullptr ? sql::TypeChange::unknown : sql::type_change(column->type, action.type);
}

void check_alter_column_type(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    const bool of_table = action.object_type == "table";
    if (action.kind != sql::ActionKind::alter_column_type || !of_table || !context.matters(action.table))
      continue;
    const sql::TypeChange change = change_of(action, context);
    if (change == sql::TypeChange::none) continue;
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
