#include "lint/clauses.h"
#include "lint/rules/rules.h"
#include "sql/parse.h"

namespace dbtool::lint {
namespace {

std::string_view command_of(const sql::Action& action) {
  switch (action.kind) {
    case sql::ActionKind::create_index:
      return action.concurrently ? "create index concurrently" : "";
    case sql::ActionKind::drop_index:
      return action.concurrently ? "drop index concurrently" : "";
    case sql::ActionKind::reindex:
      return action.concurrently ? "reindex concurrently" : "";
    case sql::ActionKind::detach_partition:
      return action.concurrently ? "detach partition concurrently" : "";
    case sql::ActionKind::vacuum:
      return "vacuum";
    default:
      return "";
  }
}

void check_concurrently_in_transaction(const Statement& statement, const Context& context, Report& report) {
  const bool inside = context.script.transactional || statement.part != Part::script || statement.in_do;
  if (!inside) return;
  for (const sql::Action& action : statement.actions) {
    const std::string command(command_of(action));
    if (command.empty()) continue;
    Issue issue;
    issue.object = command;
    issue.message = "`" + command + "` cannot run inside a transaction, and " +
                    (!statement.function.empty()    ? "a function always is in one"
                     : context.script.transactional ? "the script of this version is one"
                                                    : "a `do` block always is in one") +
                    ": the server refuses it.";
    issue.advice = "put it into a version of its own";
    issue.rewrite = "transactional: false\nmigrationScript: |-\n" + moved_right(statement.text + ";", 2);
    report.add(statement, std::move(issue));
    return;
  }
}

}  // namespace

Rule concurrently_in_transaction_rule() {
  Rule rule;
  rule.name = "concurrently-in-transaction";
  rule.severity = Severity::error;
  rule.reason =
      "What PostgreSQL does concurrently commits on the way, so it refuses to do it in a transaction, which "
      "every script "
      "is unless it says `transactional: false`.";
  rule.bad = "create index concurrently tasks_group on tasks (task_group_id);";
  rule.good =
      "transactional: false\n"
      "migrationScript: |-\n"
      "  create index concurrently tasks_group on tasks (task_group_id);";
  rule.check_statement = check_concurrently_in_transaction;
  return rule;
}

}  // namespace dbtool::lint
