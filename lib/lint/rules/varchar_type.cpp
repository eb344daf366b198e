#include "lint/columns.h"
#include "lint/rules/rules.h"

namespace dbtool::lint {
namespace {

void check_varchar_type(const Statement& statement, const Context&, Report& report) {
  for_each_new_column(statement, [&](const NewColumn& made) {
    const std::string& type = made.column->type;
    if (!(type.starts_with("character varying("))) return;
    report.add(statement, issue_of_type(made,
                                        "A shorter limit later means a scan of the table; a limit that is "
                                        "hit in production means an emergency version.",
                                        "use text, with a check where the length matters", "text"));
  });
}

}  // namespace

Rule varchar_type_rule() {
  Rule rule;
  rule.name = "varchar-length";
  rule.severity = Severity::note;
  rule.reason =
      "The limit of varchar(n) can be lowered only by rewriting the table; a check on text can be changed "
      "without, and text costs the same.";
  rule.bad = "create table t (owner varchar(50));";
  rule.good = "create table t (owner text check (length(owner) <= 50));";
  rule.downgrades = false;
  rule.check_statement = check_varchar_type;
  return rule;
}

}  // namespace dbtool::lint
