#include "lint/rules/rules.h"

namespace dbtool::lint {
namespace {

void check_own_transaction(const Statement& statement, const Context&, Report& report) {
  const bool is_script =
      statement.part == Part::script || statement.part == Part::function || statement.part == Part::method;
  if (!is_script) return;
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::transaction) continue;
    Issue issue;
    issue.object = "`" + action.type + "`";
    issue.message =
        statement.function.empty()
            ? "dbtool runs a version in a transaction, together with the record that it was done; a script "
              "cannot end that, and the server refuses to try (2D000)."
            : "A function runs inside its caller's transaction and cannot end it; the server refuses "
              "(2D000).";
    issue.advice =
        "leave it out; where parts must be kept on the way, use several versions or an online migration";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule own_transaction_rule() {
  Rule rule;
  rule.name = "script-ends-transaction";
  rule.severity = Severity::error;
  rule.reason =
      "A version is done whole or not at all: dbtool begins and commits. A script that says commit, rollback "
      "or "
      "savepoint tears it apart, or is refused.";
  rule.bad = "delete from tasks; commit;";
  rule.good = "delete from tasks;";
  rule.check_statement = check_own_transaction;
  return rule;
}

}  // namespace dbtool::lint
