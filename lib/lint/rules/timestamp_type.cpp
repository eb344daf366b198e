#include "lint/columns.h"
#include "lint/rules/rules.h"

namespace dbtool::lint {
namespace {

void check_timestamp_type(const Statement& statement, const Context&, Report& report) {
  for_each_new_column(statement, [&](const NewColumn& made) {
    const std::string& type = made.column->type;
    if (!(type.starts_with("timestamp") && type.find("with time zone") == std::string::npos)) return;
    report.add(statement,
               issue_of_type(
                   made, "A timestamp without time zone is no moment: what it means depends on who reads it.",
                   "use timestamptz", "timestamptz"));
  });
}

}  // namespace

Rule timestamp_type_rule() {
  Rule rule;
  rule.name = "timestamp-without-time-zone";
  rule.severity = Severity::warning;
  rule.reason =
      "A timestamp without time zone is a clock on a wall: each client reads another moment from it, and two "
      "hours of the year are ambiguous.";
  rule.bad = "create table t (created timestamp);";
  rule.good = "create table t (created timestamptz);";
  rule.downgrades = false;
  rule.check_statement = check_timestamp_type;
  return rule;
}

}  // namespace dbtool::lint
