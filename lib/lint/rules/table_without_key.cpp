#include <algorithm>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/block.h"

namespace dbtool::lint {
namespace {

bool has_key(const TableState& table, const Schema& schema) {
  for (const ConstraintState& one : table.constraints) {
    if (one.definition.kind == sql::ConstraintKind::primary_key) return true;
  }
  for (const IndexState* index : schema.indexes_of(table.name)) {
    const bool plain =
        index->unique && !index->partial &&
        std::all_of(index->columns.begin(), index->columns.end(), [&](const std::string& column) {
          const ColumnState* state = table.column(column);
          return state != nullptr && state->not_null;
        });
    if (plain) return true;
  }
  return false;
}

/// Whether the script makes keys of tables whose names only a run knows.
bool adds_keys_at_run_time(const Script& script) {
  for (const Statement& statement : script.statements) {
    if (!statement.parsed && statement.run_as != sql::RunAs::statement &&
        statement.run_as != sql::RunAs::perform)
      return true;
    for (const sql::Action& action : statement.actions) {
      const bool adds =
          action.kind == sql::ActionKind::add_constraint || action.kind == sql::ActionKind::create_index;
      if (adds && action.table.name.find(sql::dynamic_name) != std::string::npos) return true;
    }
  }
  return false;
}

void check_table_without_key(const Context& context, Report& report) {
  if (adds_keys_at_run_time(context.script)) return;
  for (const Statement& statement : context.script.statements) {
    if (statement.part != Part::script) continue;
    for (const sql::Action& action : statement.actions) {
      const bool creates =
          action.kind == sql::ActionKind::create_table || action.kind == sql::ActionKind::create_table_as;
      if (!creates || action.temporary) continue;
      const TableState* table = context.schema.table(action.table);
      if (table == nullptr || !context.schema.is_new(action.table) ||
          context.schema.is_temporary(action.table))
        continue;
      const bool inherits = !table->partition_of.empty() || !action.parent.empty() || !action.others.empty();
      if ((inherits && action.kind == sql::ActionKind::create_table) || has_key(*table, context.schema))
        continue;
      Issue issue;
      issue.object = table_object(action.table);
      issue.message =
          "A row cannot be told from its double: online migrations cannot walk the table, logical "
          "replication cannot update it.";
      issue.advice = "give it a primary key";
      issue.rewrite = alter(action.table) + " add primary key (…);\n";
      report.add(statement, std::move(issue));
    }
  }
}

}  // namespace

Rule table_without_key_rule() {
  Rule rule;
  rule.name = "table-without-primary-key";
  rule.severity = Severity::warning;
  rule.reason =
      "Without a primary key no row can be named: it cannot be walked by ranges, updated by logical "
      "replication, or mended by hand.";
  rule.bad = "create table events (at timestamptz, what text);";
  rule.good =
      "create table events (\n"
      "  id bigint generated always as identity primary key,\n"
      "  at timestamptz,\n"
      "  what text\n"
      ");";
  rule.downgrades = false;
  rule.check_script = check_table_without_key;
  return rule;
}

}  // namespace dbtool::lint
