#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/token.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

std::string index_name(const sql::Action& action) {
  if (!action.name.empty()) return sql::quote_if_needed(action.name);
  std::string name = action.table.name;
  for (const std::string& column : action.columns) name += "_" + (column.empty() ? "expr" : column);
  return sql::quote_if_needed(name + "_idx");
}

/// The statement as it stands with `concurrently` in it, and a name, by which it is found after a fault.
std::string concurrent_form(const Statement& statement, const sql::Action& action) {
  for (const sql::Token& token : sql::tokenize(statement.text)) {
    if (!token.is("index")) continue;
    return statement.text.substr(0, token.end()) + " concurrently" +
           (action.name.empty() ? " " + index_name(action) : std::string()) +
           statement.text.substr(token.end()) + ";";
  }
  return statement.text;
}

/// On a partitioned table nothing is built concurrently: a frame without rows, and an index of each
/// partition, built so, that is attached to it.
std::string by_partitions(const Statement& statement, const sql::Action& action, const Schema& schema) {
  const std::vector<sql::Token> tokens = sql::tokenize(statement.text);
  std::size_t on = 0;
  while (on < tokens.size() && !tokens[on].is("on")) ++on;
  std::size_t table = on + 1;
  if (table < tokens.size() && tokens[table].is("only")) ++table;
  const std::size_t last = action.table.schema.empty() ? table : table + 2;
  if (last >= tokens.size()) return "";
  const std::string rest = statement.text.substr(tokens[last].end()) + ";\n";
  const std::string create = std::string("create ") + (action.unique ? "unique " : "") + "index ";
  const std::string name = index_name(action);
  std::vector<sql::ObjectName> partitions;
  for (const TableState* one : schema.tables()) {
    if (one->partition_of == action.table) partitions.push_back(one->name);
  }
  if (partitions.empty()) partitions.push_back({"", "PARTITION"});
  std::string text = "  " + create + name + " on only " + action.table.text() + rest;
  for (const sql::ObjectName& one : partitions) {
    const std::string part =
        sql::quote_if_needed(one.name + "_" + (action.name.empty() ? "idx" : action.name));
    text += "  " + create + "concurrently " + part + " on " + one.text() + rest;
    text += "  alter index " + name + " attach partition " + part + ";\n";
  }
  return "transactional: false\nmigrationScript: |-\n" + text + "downgradeScript: |-\n  drop index " + name +
         ";\n";
}

void check_create(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::create_index || action.concurrently) continue;
    const TableState* table = context.schema.table(action.table);
    // On `only` a partitioned table the index is a frame without rows.
    const bool frame = action.only && table != nullptr && table->partitioned;
    // Nobody writes to a materialized view.
    const bool written = table == nullptr || table->type != "materialized view";
    if (!context.matters(action.table) || frame || !written) continue;
    Issue issue = issue_on(action.table, Work::index, "share",
                           "The index is built with every writer of the table waiting");
    issue.advice = "build it concurrently, in a version of its own";
    const bool parts = table != nullptr && table->partitioned;
    if (parts) issue.advice = "build it for each partition concurrently, in a version of its own";
    issue.rewrite = parts ? by_partitions(statement, action, context.schema)
                          : outside_transaction(concurrent_form(statement, action),
                                                "drop index concurrently " + index_name(action) + ";");
    report.add(statement, std::move(issue));
  }
}

/// The table of an index that is dropped or built anew; empty where it is not known.
sql::ObjectName table_of(const sql::Action& action, const Context& context) {
  if (!action.table.empty()) return action.table;
  const IndexState* index = context.schema.index(action.other);
  return index == nullptr ? sql::ObjectName{} : index->table;
}

void check_drop(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::drop_index || action.concurrently) continue;
    const IndexState* index = context.schema.index(action.other);
    const sql::ObjectName table = table_of(action, context);
    if (index != nullptr && !context.matters(table)) continue;
    Issue issue;
    if (index != nullptr) {
      issue = issue_on(table, Work::none, "access exclusive",
                       "Dropping the index waits for every reader of the table");
    } else {
      issue.lock = "access exclusive";
      issue.message =
          "Dropping the index locks its table: services can neither read nor write it until the transaction "
          "ends.";
    }
    issue.object = "index " + action.other.text();
    const TableState* state = context.schema.table(table);
    if (state != nullptr && state->partitioned) {
      // "cannot drop partitioned index … concurrently"
      issue.advice =
          "that of a partitioned table is dropped in no other way: see that no long transaction reads the "
          "table "
          "meanwhile";
      report.add(statement, std::move(issue));
      continue;
    }
    issue.advice = "drop it concurrently, in a version of its own";
    issue.rewrite = "transactional: false\nmigrationScript: |-\n  drop index concurrently " +
                    std::string(action.if_exists ? "if exists " : "") + action.other.text() + ";\n";
    report.add(statement, std::move(issue));
  }
}

void check_reindex(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::reindex || action.concurrently) continue;
    const sql::ObjectName table = table_of(action, context);
    if (!table.empty() && !context.matters(table)) continue;
    Issue issue;
    const std::string what = action.type + " " +
                             (!action.name.empty()   ? action.name
                              : action.other.empty() ? action.table.text()
                                                     : action.other.text());
    const std::string message =
        "Writers wait until the indexes are built anew, and so do readers that would use them";
    if (table.empty())
      issue.message = message + ".";
    else
      issue = issue_on(table, Work::index, "share", message);
    issue.object = what;
    issue.lock = "share";
    issue.advice = "rebuild them concurrently";
    issue.rewrite = "transactional: false\nmigrationScript: |-\n  reindex " + action.type + " concurrently " +
                    (!action.name.empty()   ? action.name
                     : action.other.empty() ? action.table.text()
                                            : action.other.text()) +
                    ";\n";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule create_index_rule() {
  Rule rule;
  rule.name = "create-index-not-concurrently";
  rule.severity = Severity::error;
  rule.reason =
      "Building an index takes a share lock for as long as the table is read and sorted: services can read "
      "it, but "
      "every write waits. `concurrently` lets them write.";
  rule.bad = "create index tasks_group on tasks (task_group_id);";
  rule.good =
      "transactional: false\n"
      "migrationScript: |-\n"
      "  create index concurrently tasks_group on tasks (task_group_id);";
  rule.check_statement = check_create;
  return rule;
}

Rule drop_index_rule() {
  Rule rule;
  rule.name = "drop-index-not-concurrently";
  rule.severity = Severity::warning;
  rule.reason =
      "Dropping an index is quick, but takes an access exclusive lock on its table that is held until the "
      "version is "
      "done; `concurrently` takes none that hinders services.";
  rule.bad = "drop index tasks_group;";
  rule.good =
      "transactional: false\n"
      "migrationScript: |-\n"
      "  drop index concurrently tasks_group;";
  rule.downgrades = false;
  rule.check_statement = check_drop;
  return rule;
}

Rule reindex_rule() {
  Rule rule;
  rule.name = "reindex-not-concurrently";
  rule.severity = Severity::error;
  rule.reason = "`reindex` locks the table against writes, and each index against use, until all are built.";
  rule.bad = "reindex table tasks;";
  rule.good =
      "transactional: false\n"
      "migrationScript: |-\n"
      "  reindex table concurrently tasks;";
  rule.check_statement = check_reindex;
  return rule;
}

}  // namespace dbtool::lint
