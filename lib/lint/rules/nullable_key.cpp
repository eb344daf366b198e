#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/parse.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

std::vector<std::string> nullable_of(const Context& context, const sql::ObjectName& name,
                                     const std::vector<std::string>& columns) {
  std::vector<std::string> nullable;
  for (const std::string& column : columns) {
    const ColumnState* state = context.schema.column(name, column);
    if (state != nullptr && !is_proved_not_null(context.schema, name, column)) nullable.push_back(column);
  }
  return nullable;
}

bool nulls_are_equal(const Statement& statement) {
  return sql::normalize(statement.text).find("nulls not distinct") != std::string::npos;
}

void judge_unique(const Statement& statement, const Context& context, const sql::ObjectName& name,
                  const std::vector<std::string>& columns, Report& report) {
  if (context.schema.is_temporary(name) || nulls_are_equal(statement)) return;
  const std::vector<std::string> nullable = nullable_of(context, name, columns);
  if (nullable.empty()) return;
  Issue issue;
  issue.object = table_object(name);
  issue.severity = Severity::note;
  issue.message = "Any number of rows may be alike as long as " + join(nullable, " or ") +
                  " is null: null equals nothing.";
  issue.advice =
      "make the columns not null, or say `nulls not distinct` (PostgreSQL 15) if null is to be one value";
  issue.rewrite =
      "create unique index on " + name.text() + " " + column_list(columns) + " nulls not distinct;\n";
  report.add(statement, std::move(issue));
}

void judge_primary(const Statement& statement, const sql::Action& action, const Context& context,
                   Report& report) {
  // In the state before the statement; what is new, or was made not null by it, is no matter.
  const TableState* before = context.before.table(action.table);
  if (before == nullptr || before->temporary || !context.is_there(action.table)) return;
  std::vector<std::string> columns = action.constraint->columns;
  if (columns.empty()) {
    if (const IndexState* index = context.before.index({action.table.schema, action.constraint->using_index}))
      columns = index->columns;
  }
  std::vector<std::string> nullable;
  for (const std::string& column : columns) {
    if (before->column(column) != nullptr && !is_proved_not_null(context.before, action.table, column))
      nullable.push_back(column);
  }
  for (const sql::Action& other : statement.actions) {
    if (other.kind == sql::ActionKind::set_not_null) std::erase(nullable, other.name);
  }
  if (nullable.empty()) return;
  Issue issue = issue_on(action.table, Work::scan, "access exclusive",
                         "The key makes " + join(nullable, ", ") +
                             " not null, which fails at the first null, after the table was read");
  issue.advice = "prove it in earlier versions: a check that is added not valid, then validated";
  for (const std::string& column : nullable)
    issue.rewrite += alter(action.table) + " add constraint " + made_name(action.table, column, "not_null") +
                     " check (" + sql::quote_if_needed(column) + " is not null) not valid;\n";
  report.add(statement, std::move(issue));
}

void check_nullable_key(const Context& context, Report& report) {
  for (const Statement& statement : context.script.statements) {
    if (statement.part != Part::script) continue;
    for (const sql::Action& action : statement.actions) {
      if (action.kind == sql::ActionKind::create_index && action.unique && action.expression.empty())
        judge_unique(statement, context, action.table, action.columns, report);
      std::vector<sql::Constraint> constraints = action.constraints;
      if (action.constraint) constraints.push_back(*action.constraint);
      for (const sql::Column& column : action.table_columns)
        constraints.insert(constraints.end(), column.constraints.begin(), column.constraints.end());
      if (action.column)
        constraints.insert(constraints.end(), action.column->constraints.begin(),
                           action.column->constraints.end());
      for (const sql::Constraint& one : constraints) {
        if (one.kind == sql::ConstraintKind::unique)
          judge_unique(statement, context, action.table, one.columns, report);
      }
      const bool primary = action.kind == sql::ActionKind::add_constraint && action.constraint &&
                           action.constraint->kind == sql::ConstraintKind::primary_key;
      if (primary) judge_primary(statement, action, context, report);
    }
  }
}

}  // namespace

Rule nullable_key_rule() {
  Rule rule;
  rule.name = "nullable-key";
  rule.severity = Severity::warning;
  rule.reason =
      "A primary key over a column that may be null reads the table and fails at the first null; a unique "
      "key does not tell nulls apart, nor together.";
  rule.bad = "create unique index on clients (email);  -- email may be null";
  rule.good =
      "alter table clients alter column email set not null;\n"
      "create unique index on clients (email);";
  rule.downgrades = false;
  rule.check_script = check_nullable_key;
  return rule;
}

}  // namespace dbtool::lint
