#include <nlohmann/json.hpp>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

using sql::ActionKind;

bool is_relation(const sql::Action& action) {
  return action.object_type == "table" || action.object_type == "materialized view";
}

void check_vacuum(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    const bool cluster = action.kind == ActionKind::cluster;
    const bool full = action.kind == ActionKind::vacuum && action.full;
    if (!cluster && !full) continue;
    if (!action.table.empty() && !context.matters(action.table)) continue;
    const std::string command = cluster ? "`cluster`" : "`vacuum full`";
    Issue issue;
    if (action.table.empty()) {
      issue.object = "every table";
      issue.message =
          command + " without a table writes every table anew, each under an access exclusive lock.";
    } else {
      issue =
          issue_on(action.table, Work::rewrite, "access exclusive", command + " writes the whole table anew");
    }
    issue.lock = "access exclusive";
    issue.advice =
        "plain vacuum makes the space usable again; pg_repack or pg_squeeze give it back with services on";
    if (!action.table.empty())
      issue.rewrite =
          "transactional: false\nmigrationScript: |-\n  vacuum (analyze) " + action.table.text() + ";\n";
    report.add(statement, std::move(issue));
  }
}

void check_refresh(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != ActionKind::refresh_view || action.concurrently || !context.matters(action.table))
      continue;
    Issue issue = issue_on(action.table, Work::rewrite, "access exclusive",
                           "The view is built anew with its readers waiting");
    issue.object = "materialized view " + action.table.text();
    issue.advice = "refresh it concurrently; it needs a unique index";
    issue.rewrite = "refresh materialized view concurrently " + action.table.text() + ";\n";
    report.add(statement, std::move(issue));
  }
}

void check_persistence(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != ActionKind::set_persistence || !context.matters(action.table)) continue;
    std::string what = "`set " + action.type + "` writes the whole table anew";
    if (action.type == "unlogged")
      what += ", and from then on a crash empties it and replicas do not have it";
    Issue issue = issue_on(action.table, Work::rewrite, "access exclusive", what);
    issue.advice = "make a new table that is " + action.type + " from the start, and move the rows online";
    issue.rewrite = "create " + std::string(action.type == "unlogged" ? "unlogged " : "") + "table " +
                    action.table.text() + "_new (like " + action.table.text() + " including all);\n";
    report.add(statement, std::move(issue));
  }
}

void check_move(const Statement& statement, const Context& context, Report& report) {
  if (statement.parsed && statement.tree->contains("AlterTableMoveAllStmt")) {
    Issue issue;
    issue.object = "every table of a tablespace";
    issue.lock = "access exclusive";
    issue.message =
        "Every table is copied, each under an access exclusive lock that is held to the end of all.";
    issue.advice = "move them one at a time, each in a version of its own, or with pg_repack";
    report.add(statement, std::move(issue));
  }
  for (const sql::Action& action : statement.actions) {
    const bool space = action.kind == ActionKind::set_tablespace;
    if (!space && action.kind != ActionKind::set_access_method) continue;
    const bool index = space && action.object_type == "index";
    if (!index && (!is_relation(action) || !context.matters(action.table))) continue;
    Issue issue;
    if (index) {
      const IndexState* known = context.schema.index(action.table);
      if (known != nullptr && !context.matters(known->table)) continue;
      issue.object = "index " + action.table.text();
      issue.lock = "access exclusive";
      issue.message = "The index is copied; meanwhile no query can use it, and writers of its table wait.";
      issue.advice = "build it there concurrently and drop the old one";
      issue.rewrite = "transactional: false\nmigrationScript: |-\n  reindex (concurrently, tablespace " +
                      action.new_name + ") index " + action.table.text() + ";\n";
    } else {
      issue = issue_on(
          action.table, Work::rewrite, "access exclusive",
          space ? "The whole table is copied to the other tablespace" : "The whole table is written anew");
      issue.advice = "make a new table there and move the rows online, or use pg_repack";
      issue.rewrite = "create table " + action.table.text() + "_new (like " + action.table.text() +
                      " including all)" +
                      (space ? " tablespace " + action.new_name : " using " + action.name) + ";\n";
    }
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule vacuum_full_rule() {
  Rule rule;
  rule.name = "vacuum-full-or-cluster";
  rule.severity = Severity::error;
  rule.reason =
      "`vacuum full` and `cluster` copy the table and build all its indexes under an access exclusive lock.";
  rule.bad = "cluster tasks using tasks_pkey;";
  rule.good =
      "transactional: false\n"
      "migrationScript: |-\n"
      "  vacuum (analyze) tasks;";
  rule.check_statement = check_vacuum;
  return rule;
}

Rule refresh_view_rule() {
  Rule rule;
  rule.name = "refresh-view-not-concurrently";
  rule.severity = Severity::warning;
  rule.reason = "A plain refresh locks the materialized view against readers for as long as its query takes.";
  rule.bad = "refresh materialized view task_counts;";
  rule.good = "refresh materialized view concurrently task_counts;";
  rule.check_statement = check_refresh;
  return rule;
}

Rule set_persistence_rule() {
  Rule rule;
  rule.name = "set-logged-rewrites";
  rule.severity = Severity::error;
  rule.reason =
      "`set logged` and `set unlogged` write the table and its indexes anew under an access exclusive lock.";
  rule.bad = "alter table tasks set unlogged;";
  rule.good = "create unlogged table tasks_new (like tasks including all);";
  rule.check_statement = check_persistence;
  return rule;
}

Rule move_table_rule() {
  Rule rule;
  rule.name = "move-table";
  rule.severity = Severity::error;
  rule.reason =
      "Another tablespace or access method means that the whole table or index is copied under an access "
      "exclusive "
      "lock.";
  rule.bad = "alter table tasks set tablespace fast;";
  rule.good = "create table tasks_new (like tasks including all) tablespace fast;";
  rule.check_statement = check_move;
  return rule;
}

}  // namespace dbtool::lint
