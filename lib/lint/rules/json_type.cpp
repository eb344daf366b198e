#include "lint/columns.h"
#include "lint/rules/rules.h"

namespace dbtool::lint {
namespace {

void check_json_type(const Statement& statement, const Context&, Report& report) {
  for_each_new_column(statement, [&](const NewColumn& made) {
    const std::string& type = made.column->type;
    if (!(type == "json" || type == "json[]")) return;
    report.add(statement, issue_of_type(made,
                                        "json keeps the text as it came: it is parsed anew by each access, "
                                        "and has no equality and no index.",
                                        "use jsonb", "jsonb"));
  });
}

}  // namespace

Rule json_type_rule() {
  Rule rule;
  rule.name = "json-type";
  rule.severity = Severity::warning;
  rule.reason =
      "json has no equality operator, so that `distinct`, `group by` and comparisons fail, and is parsed by "
      "each access; jsonb has neither fault.";
  rule.bad = "create table t (payload json);";
  rule.good = "create table t (payload jsonb);";
  rule.downgrades = false;
  rule.check_statement = check_json_type;
  return rule;
}

}  // namespace dbtool::lint
