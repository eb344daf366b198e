#include <algorithm>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using sql::ConstraintKind;

std::string key_name(const sql::Action& action) {
  if (!action.constraint->name.empty()) return sql::quote_if_needed(action.constraint->name);
  if (action.constraint->kind == ConstraintKind::primary_key)
    return sql::quote_if_needed(action.table.name + "_pkey");
  std::string columns;
  for (const std::string& column : action.constraint->columns)
    columns += (columns.empty() ? "" : "_") + column;
  return made_name(action.table, columns, "key");
}

/// A primary key makes its columns not null: for those that may be null the whole table is read.
std::vector<std::string> nullable_columns(const sql::Action& action, const Context& context) {
  const IndexState* index = context.schema.index({action.table.schema, action.constraint->using_index});
  std::vector<std::string> nullable;
  if (index == nullptr) return nullable;
  for (const std::string& column : index->columns) {
    if (!is_proved_not_null(context.schema, action.table, column)) nullable.push_back(column);
  }
  return nullable;
}

void check_using_index(const Statement& statement, const sql::Action& action, const Context& context,
                       Report& report) {
  if (action.constraint->kind != ConstraintKind::primary_key) return;
  const std::vector<std::string> nullable = nullable_columns(action, context);
  if (nullable.empty()) return;
  Issue issue = issue_on(action.table, Work::scan, "access exclusive",
                         "The index is ready, but " + column_list(nullable) +
                             " may be null: the primary key reads the whole table to make it not null");
  issue.advice = "prove it not null first with a check that was validated in an earlier version";
  for (const std::string& column : nullable) {
    const std::string constraint = made_name(action.table, column, "not_null");
    issue.rewrite += in_version(context, 0,
                                alter(action.table) + " add constraint " + constraint + " check (" +
                                    sql::quote_if_needed(column) + " is not null) not valid;") +
                     in_version(context, 1, alter(action.table) + " validate constraint " + constraint + ";");
  }
  issue.rewrite += in_version(context, 2, statement.text + ";");
  report.add(statement, std::move(issue));
}

/// A partitioned table takes neither an index built concurrently nor `using index`: a frame on it alone, and
/// a key of each partition by an index that was built so, which is attached to the frame.
std::string key_by_partitions(const sql::Action& action, const std::string& name, const Context& context) {
  const char* kind = action.constraint->kind == ConstraintKind::primary_key ? " primary key" : " unique";
  const std::string columns = " " + column_list(action.constraint->columns);
  std::vector<sql::ObjectName> partitions;
  for (const TableState* one : context.schema.tables()) {
    if (one->partition_of == action.table) partitions.push_back(one->name);
  }
  if (partitions.empty()) partitions.push_back({"", "PARTITION"});
  std::string indexes;
  std::string drops;
  std::string keys =
      "alter table only " + action.table.text() + " add constraint " + name + kind + columns + ";\n";
  for (const sql::ObjectName& one : partitions) {
    const std::string part = sql::quote_if_needed(one.name + "_" + name);
    const std::string schema = one.schema.empty() ? "" : sql::quote_if_needed(one.schema) + ".";
    indexes += std::string(indexes.empty() ? "" : "\n") + "create unique index concurrently " + part +
               " on " + one.text() + columns + ";";
    drops += std::string(drops.empty() ? "" : "\n") + "drop index concurrently " + schema + part + ";";
    keys += alter(one) + " add constraint " + part + kind + " using index " + part + ";\n";
    keys += "alter index " + name + " attach partition " + schema + part + ";\n";
  }
  return in_version(context, 0, outside_transaction(indexes, drops)) + in_version(context, 1, keys);
}

void check_add_key(const Statement& statement, const Context& context, Report& report, ConstraintKind kind) {
  for (const sql::Action& action : statement.actions) {
    const bool adds = action.kind == sql::ActionKind::add_constraint && action.constraint &&
                      action.constraint->kind == kind;
    if (!adds || !context.matters(action.table)) continue;
    // On `only` a partitioned table the index is a frame without rows.
    const TableState* state = context.schema.table(action.table);
    const bool partitioned = state != nullptr && state->partitioned;
    if (action.only && partitioned) continue;
    if (!action.constraint->using_index.empty()) {
      check_using_index(statement, action, context, report);
      continue;
    }
    const bool key = kind == ConstraintKind::primary_key;
    std::string name = key_name(action);
    if (context.schema.index({action.table.schema, name}) != nullptr) name += "_new";
    Issue issue = issue_on(action.table, Work::index, "access exclusive",
                           std::string(key ? "The primary key" : "The unique constraint") +
                               " builds its index under the lock of `alter table`");
    issue.advice =
        "build a unique index concurrently in a version before, and add the constraint `using index`";
    if (partitioned) {
      issue.advice =
          "build the index of each partition concurrently in a version before, and attach them to a key of "
          "the "
          "partitioned table alone";
      issue.rewrite = key_by_partitions(action, name, context);
      report.add(statement, std::move(issue));
      continue;
    }
    const std::string index = "create unique index concurrently " + name + " on " + action.table.text() +
                              " " + column_list(action.constraint->columns) + ";";
    issue.rewrite =
        in_version(context, 0, outside_transaction(index, "drop index concurrently " + name + ";")) +
        in_version(context, 1,
                   alter(action.table) + " add constraint " + name + (key ? " primary key" : " unique") +
                       " using index " + name + ";");
    report.add(statement, std::move(issue));
  }
}

void check_unique(const Statement& statement, const Context& context, Report& report) {
  check_add_key(statement, context, report, ConstraintKind::unique);
}
void check_primary_key(const Statement& statement, const Context& context, Report& report) {
  check_add_key(statement, context, report, ConstraintKind::primary_key);
}

void check_exclusion(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    const bool adds = action.kind == sql::ActionKind::add_constraint && action.constraint &&
                      action.constraint->kind == ConstraintKind::exclusion;
    if (!adds || !context.matters(action.table)) continue;
    Issue issue =
        issue_on(action.table, Work::index, "access exclusive",
                 "An exclusion constraint builds its index at once and knows neither `not valid` nor "
                 "`using index`");
    issue.advice = "make a new table that has it from the start, and move the rows online";
    issue.rewrite = "create table " + sql::quote_if_needed(action.table.name + "_new") + " (like " +
                    action.table.text() + " including all, " + action.constraint->text + ");\n";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule add_unique_rule() {
  Rule rule;
  rule.name = "add-unique-builds-index";
  rule.severity = Severity::error;
  rule.reason =
      "`add unique` builds its index under an access exclusive lock: services can neither read nor write the "
      "table "
      "until it is sorted.";
  rule.bad = "alter table tasks add constraint tasks_slug_key unique (slug);";
  rule.good =
      "-- a version with transactional: false\n"
      "create unique index concurrently tasks_slug_key on tasks (slug);\n"
      "-- the next version\n"
      "alter table tasks add constraint tasks_slug_key unique using index tasks_slug_key;";
  rule.check_statement = check_unique;
  return rule;
}

Rule add_primary_key_rule() {
  Rule rule;
  rule.name = "add-primary-key-builds-index";
  rule.severity = Severity::error;
  rule.reason =
      "`add primary key` builds its index, and reads the table for nulls, under an access exclusive lock. "
      "With a ready "
      "unique index on columns that are not null it takes a moment.";
  rule.bad = "alter table tasks add primary key (task_id);";
  rule.good =
      "-- a version with transactional: false\n"
      "create unique index concurrently tasks_pkey on tasks (task_id);\n"
      "-- the next version, where task_id is not null\n"
      "alter table tasks add constraint tasks_pkey primary key using index tasks_pkey;";
  rule.check_statement = check_primary_key;
  return rule;
}

Rule add_exclusion_rule() {
  Rule rule;
  rule.name = "add-exclusion";
  rule.severity = Severity::error;
  rule.reason =
      "An exclusion constraint on a table with rows builds its index under an access exclusive lock; there "
      "is no way to "
      "do it concurrently.";
  rule.bad = "alter table leases add exclude using gist (during with &&);";
  rule.good = "create table leases_new (like leases including all, exclude using gist (during with &&));";
  rule.check_statement = check_exclusion;
  return rule;
}

}  // namespace dbtool::lint
