#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

void check_wide_index(const Statement& statement, const Context&, Report& report) {
  constexpr std::size_t most_columns = 3;
  if (statement.part != Part::script) return;
  for (const sql::Action& action : statement.actions) {
    if (action.kind != sql::ActionKind::create_index || action.unique ||
        action.columns.size() <= most_columns)
      continue;
    Issue issue;
    issue.object = "index " + (action.name.empty() ? "on " + action.table.text() : action.name);
    issue.message = "An index on " + std::to_string(action.columns.size()) +
                    " columns is large and dear to write, and the last of them seldom narrow a search.";
    issue.advice = "lead with the columns that select most; cover the others with `include` where that pays";
    issue.rewrite = "create index on " + action.table.text() + " " +
                    column_list({action.columns.begin(), action.columns.begin() + most_columns}) + ";\n";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule wide_index_rule() {
  Rule rule;
  rule.name = "wide-index";
  rule.severity = Severity::note;
  rule.reason =
      "Each column makes an index larger and dearer to write; more than three seldom make a search faster.";
  rule.bad = "create index on tasks (provisioner_id, worker_type, state, created, priority);";
  rule.good = "create index on tasks (worker_type, state, created);";
  rule.downgrades = false;
  rule.check_statement = check_wide_index;
  return rule;
}

}  // namespace dbtool::lint
