#include "lint/columns.h"
#include "lint/rules/rules.h"

namespace dbtool::lint {
namespace {

void check_char_type(const Statement& statement, const Context&, Report& report) {
  for_each_new_column(statement, [&](const NewColumn& made) {
    const std::string& type = made.column->type;
    if (!(type.starts_with("character(") || type == "character" || type.starts_with("character[") ||
          type.starts_with("bpchar")))
      return;
    report.add(statement,
               issue_of_type(
                   made, "char(n) pads every value with blanks, which take room and get lost in comparisons.",
                   "use text, with a check where the length matters", "text"));
  });
}

}  // namespace

Rule char_type_rule() {
  Rule rule;
  rule.name = "char-type";
  rule.severity = Severity::warning;
  rule.reason =
      "char(n) pads with blanks: it takes more room than text, is not faster, and comparisons and casts "
      "treat the blanks in unexpected ways.";
  rule.bad = "create table t (code char(3));";
  rule.good = "create table t (code text check (length(code) = 3));";
  rule.downgrades = false;
  rule.check_statement = check_char_type;
  return rule;
}

}  // namespace dbtool::lint
