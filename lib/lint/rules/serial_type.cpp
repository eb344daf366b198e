#include "lint/columns.h"
#include "lint/rules/rules.h"

namespace dbtool::lint {
namespace {

void check_serial_type(const Statement& statement, const Context&, Report& report) {
  for_each_new_column(statement, [&](const NewColumn& made) {
    if (!made.column->serial) return;
    report.add(
        statement,
        issue_of_type(made,
                      "The sequence of a serial column is an object of its own, with rights of its own: "
                      "services that insert need `usage` on it, of which access.yml knows nothing.",
                      "make it an identity column", "bigint generated always as identity"));
  });
}

}  // namespace

Rule serial_type_rule() {
  Rule rule;
  rule.name = "serial-column";
  rule.severity = Severity::warning;
  rule.reason =
      "A serial column is a default on a sequence that has rights and an owner of its own; an identity "
      "column belongs to the table, and its sequence needs no grant.";
  rule.bad = "create table t (id bigserial primary key);";
  rule.good = "create table t (id bigint generated always as identity primary key);";
  rule.downgrades = false;
  rule.check_statement = check_serial_type;
  return rule;
}

}  // namespace dbtool::lint
