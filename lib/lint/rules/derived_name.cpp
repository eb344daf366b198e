#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

constexpr std::size_t longest_name = 63;

void judge_derived_name(const Statement& statement, const sql::ObjectName& table,
                        const std::vector<std::string>& columns, const std::string& ending,
                        const std::string& how, Report& report) {
  std::string name = table.name;
  for (const std::string& column : columns) name += "_" + (column.empty() ? "expr" : column);
  name += "_" + ending;
  if (name.size() <= longest_name) return;
  Issue issue;
  issue.object = table_object(table);
  issue.message =
      "The server makes a name for it, and cuts " + name +
      " to 63 bytes in its own way; a number follows if that is taken, so that the name may differ from "
      "database to database.";
  issue.advice = "give it a name";
  issue.rewrite = how + "\n";
  report.add(statement, std::move(issue));
}

void judge_constraint(const Statement& statement, const sql::ObjectName& table, const sql::Constraint& one,
                      Report& report) {
  if (!one.name.empty() || !one.using_index.empty()) return;
  const std::string how = "constraint NAME " + one.text;
  switch (one.kind) {
    case sql::ConstraintKind::foreign_key:
      return judge_derived_name(statement, table, one.columns, "fkey", how, report);
    case sql::ConstraintKind::unique:
      return judge_derived_name(statement, table, one.columns, "key", how, report);
    case sql::ConstraintKind::primary_key:
      return judge_derived_name(statement, table, {}, "pkey", how, report);
    case sql::ConstraintKind::exclusion:
    case sql::ConstraintKind::check:
      return judge_derived_name(statement, table, one.columns, "check", how, report);
  }
}

void check_derived_name(const Statement& statement, const Context& context, Report& report) {
  if (statement.part != Part::script) return;
  for (const sql::Action& action : statement.actions) {
    if (action.temporary || context.schema.is_temporary(action.table)) continue;
    if (action.kind == sql::ActionKind::create_index && action.name.empty())
      judge_derived_name(
          statement, action.table, action.columns, "idx",
          "create index NAME on " + action.table.text() + " " + column_list(action.columns) + ";", report);
    if (action.kind == sql::ActionKind::add_constraint && action.constraint)
      judge_constraint(statement, action.table, *action.constraint, report);
    for (const sql::Constraint& one : action.constraints)
      judge_constraint(statement, action.table, one, report);
    std::vector<sql::Column> columns = action.table_columns;
    if (action.column) columns.push_back(*action.column);
    for (const sql::Column& column : columns) {
      for (const sql::Constraint& one : column.constraints)
        judge_constraint(statement, action.table, one, report);
    }
  }
}

}  // namespace

Rule derived_name_rule() {
  Rule rule;
  rule.name = "derived-name-too-long";
  rule.severity = Severity::note;
  rule.reason =
      "A constraint or index without a name gets one made of table and columns, cut to 63 bytes: a later "
      "version cannot tell what it is called.";
  rule.bad =
      "alter table queue_task_group_active_sets_entities add unique (provisioner_and_worker_type, "
      "task_group_id);";
  rule.good =
      "alter table queue_task_group_active_sets_entities\n"
      "  add constraint active_sets_key unique (provisioner_and_worker_type, task_group_id);";
  rule.downgrades = false;
  rule.check_statement = check_derived_name;
  return rule;
}

}  // namespace dbtool::lint
