#include "lint/rules/rules.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

void check(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::create_index || action.concurrently) continue;
    if (!context.matters(action.table)) continue;
    Issue issue;
    issue.object = table_object(action.table);
    issue.sized_by = action.table;
    issue.work = Work::index;
    issue.lock = "share";
    issue.message =
        "`create index` reads the whole table under a share lock; " + meanwhile("share", action.table) + ".";
    issue.advice = "build it concurrently, in a version with `transactional: false`";
    issue.rewrite = "transactional: false\nmigrationScript: |-\n  " + statement.text + ";\n";
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
      "transactional: false\nmigrationScript: |-\n  create index concurrently tasks_group on tasks "
      "(task_group_id);";
  rule.check_statement = check;
  return rule;
}

}  // namespace dbtool::lint
