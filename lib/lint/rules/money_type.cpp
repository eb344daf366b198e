#include "lint/columns.h"
#include "lint/rules/rules.h"

namespace dbtool::lint {
namespace {

void check_money_type(const Statement& statement, const Context&, Report& report) {
  for_each_new_column(statement, [&](const NewColumn& made) {
    const std::string& type = made.column->type;
    if (!(type == "money" || type == "money[]")) return;
    report.add(
        statement,
        issue_of_type(
            made, "The digits and the currency of money depend on the setting lc_monetary of who reads it.",
            "use numeric, and a column for the currency", "numeric"));
  });
}

}  // namespace

Rule money_type_rule() {
  Rule rule;
  rule.name = "money-type";
  rule.severity = Severity::warning;
  rule.reason =
      "What a value of type money means depends on lc_monetary of each session, and fractions of a cent are "
      "lost.";
  rule.bad = "create table t (price money);";
  rule.good = "create table t (price numeric not null, currency text not null);";
  rule.downgrades = false;
  rule.check_statement = check_money_type;
  return rule;
}

}  // namespace dbtool::lint
