#include <algorithm>

#include "base/text.h"
#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/block.h"

namespace dbtool::lint {
namespace {

bool is_index_for(const IndexState& index, const std::vector<std::string>& columns) {
  const bool usable = !index.partial || index.predicate.find("is not null") != std::string::npos;
  if (!usable || index.columns.size() < columns.size()) return false;
  return std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
    const auto end = index.columns.begin() + static_cast<std::ptrdiff_t>(columns.size());
    return std::find(index.columns.begin(), end, column) != end;
  });
}

void judge_foreign_key_index(const Statement& statement, const Context& context, const sql::ObjectName& name,
                             const sql::Constraint& constraint, Report& report) {
  if (constraint.kind != sql::ConstraintKind::foreign_key || constraint.columns.empty()) return;
  const TableState* table = context.schema.table(name);
  if (table == nullptr || table->temporary || !table->columns_known || !table->partition_of.empty()) return;
  for (const IndexState* index : context.schema.indexes_of(name)) {
    if (is_index_for(*index, constraint.columns)) return;
  }
  Issue issue;
  issue.object = table_object(name);
  issue.sized_by = context.schema.is_new(name) ? sql::ObjectName{} : name;
  issue.severity = context.schema.is_new(name) ? Severity::note : Severity::warning;
  issue.message = "Each row that goes from " + constraint.referenced.text() +
                  " (or changes its key) has all of " + name.text() +
                  " searched for rows that refer to it: there is no index on " +
                  column_list(constraint.columns) + ".";
  issue.advice = "make an index on the referring columns";
  const std::string on = " on " + name.text() + " " + column_list(constraint.columns) + ";";
  const std::string index = made_name(name, join(constraint.columns, "_"), "idx");
  issue.rewrite = context.schema.is_new(name) ? "create index" + on + "\n"
                                              : outside_transaction("create index concurrently " + index + on,
                                                                    "drop index concurrently " + index + ";");
  report.add(statement, std::move(issue));
}

void check_foreign_key_index(const Context& context, Report& report) {
  for (const Statement& statement : context.script.statements) {
    for (const sql::Action& action : statement.actions) {
      const bool at_run_time = action.kind == sql::ActionKind::create_index &&
                               action.table.name.find(sql::dynamic_name) != std::string::npos;
      if (at_run_time) return;
    }
  }
  for (const Statement& statement : context.script.statements) {
    if (statement.part != Part::script) continue;
    for (const sql::Action& action : statement.actions) {
      if (action.constraint && action.kind == sql::ActionKind::add_constraint)
        judge_foreign_key_index(statement, context, action.table, *action.constraint, report);
      for (const sql::Constraint& one : action.constraints)
        judge_foreign_key_index(statement, context, action.table, one, report);
      std::vector<sql::Column> columns = action.table_columns;
      if (action.column) columns.push_back(*action.column);
      for (const sql::Column& column : columns) {
        for (const sql::Constraint& one : column.constraints)
          judge_foreign_key_index(statement, context, action.table, one, report);
      }
    }
  }
}

}  // namespace

Rule foreign_key_index_rule() {
  Rule rule;
  rule.name = "foreign-key-without-index";
  rule.severity = Severity::warning;
  rule.reason =
      "The server makes no index for a foreign key: each delete in the referenced table then reads the whole "
      "referring table.";
  rule.bad = "alter table runs add foreign key (task_id) references tasks;";
  rule.good =
      "create index on runs (task_id);\n"
      "alter table runs add foreign key (task_id) references tasks;";
  rule.downgrades = false;
  rule.check_script = check_foreign_key_index;
  return rule;
}

}  // namespace dbtool::lint
