#include "lint/columns.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

bool is_short(const std::string& type) {
  return type == "integer" || type == "smallint";
}

void add(const Statement& statement, const sql::ObjectName& table, const std::string& column,
         const std::string& type, std::string rewrite, Report& report) {
  Issue issue;
  issue.object = column_object(table, column);
  issue.message = "Keys of type " + type + " end at " + (type == "integer" ? "2,147,483,647" : "32,767") +
                  "; then every insert fails, and to make them longer rewrites the table.";
  issue.advice = "use bigint";
  issue.rewrite = std::move(rewrite);
  report.add(statement, std::move(issue));
}

/// The one column of a primary key among constraints; empty: there is none.
std::string key_column(const std::vector<sql::Constraint>& constraints) {
  for (const sql::Constraint& one : constraints) {
    if (one.kind == sql::ConstraintKind::primary_key && one.columns.size() == 1) return one.columns.front();
  }
  return {};
}

void check_integer_key(const Statement& statement, const Context& context, Report& report) {
  if (statement.part != Part::script) return;
  for (const sql::Action& action : statement.actions) {
    if (action.temporary || action.type == "partition") continue;
    const std::string key = key_column(action.constraints);
    for_each_new_column(statement, [&](const NewColumn& made) {
      const sql::Column& column = *made.column;
      if (!(made.table == action.table) || (action.column && action.name != column.name)) return;
      const bool generated = column.serial || column.identity;
      if (is_short(column.type) && (generated || column.primary_key || column.name == key))
        add(statement, made.table, column.name, column.type,
            with_type(made, column.serial ? "bigint generated always as identity" : "bigint"), report);
    });
    if (action.kind != sql::ActionKind::add_constraint || !action.constraint) continue;
    const std::string added = key_column({*action.constraint});
    const ColumnState* column = context.schema.column(action.table, added);
    if (column != nullptr && is_short(column->type) && !context.schema.is_temporary(action.table))
      add(statement, action.table, added, column->type,
          alter(action.table) + " alter column " + sql::quote_if_needed(added) + " type bigint;\n" +
              statement.text + ";\n",
          report);
  }
}

}  // namespace

Rule integer_key_rule() {
  Rule rule;
  rule.name = "integer-key";
  rule.severity = Severity::warning;
  rule.reason =
      "The numbers of an integer key run out at two thousand million, of a smallint one at 32,767, and then "
      "nothing can be inserted any more.";
  rule.bad = "create table t (id int primary key);";
  rule.good = "create table t (id bigint generated always as identity primary key);";
  rule.downgrades = false;
  rule.check_statement = check_integer_key;
  return rule;
}

}  // namespace dbtool::lint
