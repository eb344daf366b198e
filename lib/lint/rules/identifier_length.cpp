#include <algorithm>
#include <set>

#include "lint/rules/rules.h"
#include "lint/safe_way.h"
#include "sql/token.h"

namespace dbtool::lint {
namespace {

constexpr std::size_t longest_kept = 63;  ///< bytes of a name that the server keeps

bool makes_names(const sql::Action& action) {
  switch (action.kind) {
    case sql::ActionKind::create_table:
    case sql::ActionKind::create_table_as:
    case sql::ActionKind::rename_table:
    case sql::ActionKind::add_column:
    case sql::ActionKind::rename_column:
    case sql::ActionKind::add_constraint:
    case sql::ActionKind::rename_constraint:
    case sql::ActionKind::create_index:
    case sql::ActionKind::rename_index:
    case sql::ActionKind::create_trigger:
    case sql::ActionKind::create_view:
    case sql::ActionKind::create_function:
    case sql::ActionKind::create_type:
    case sql::ActionKind::create_sequence:
    case sql::ActionKind::create_schema:
    case sql::ActionKind::create_rule:
    case sql::ActionKind::create_policy:
    case sql::ActionKind::rename_object:
      return true;
    default:
      return false;
  }
}

std::string name_of(const Statement& statement, const sql::Token& token) {
  const std::string_view text(statement.text);
  if (token.kind == sql::TokenKind::quoted_identifier)
    return std::string(text.substr(token.offset + 1, token.length - 2));
  return token.lower;
}

/// Never inside of a character.
std::string cut(const std::string& name) {
  std::size_t end = longest_kept;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return name.substr(0, end);
}

void check_identifier_length(const Statement& statement, const Context& context, Report& report) {
  if (statement.part != Part::script || statement.text.size() <= longest_kept) return;
  if (std::none_of(statement.actions.begin(), statement.actions.end(), makes_names)) return;
  std::set<std::string> seen;
  for (const sql::Token& token : sql::tokenize(statement.text)) {
    const bool is_name =
        token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::quoted_identifier;
    if (!is_name || token.length <= longest_kept) continue;
    const std::string name = name_of(statement, token);
    if (name.size() <= longest_kept || name.find(prefix_mark) != std::string::npos ||
        !seen.insert(name).second)
      continue;
    const std::string kept = cut(name);
    const bool clashes =
        context.schema.table({"", kept}) != nullptr || context.schema.index({"", kept}) != nullptr;
    Issue issue;
    issue.object = "name " + name;
    issue.severity = clashes ? Severity::error : Severity::warning;
    issue.message = "The name has " + std::to_string(name.size()) + " bytes; the server keeps " + kept +
                    (clashes ? ", which is there already." : " and says so in a notice alone.");
    issue.advice = "choose a name of at most 63 bytes";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule identifier_length_rule() {
  Rule rule;
  rule.name = "identifier-too-long";
  rule.severity = Severity::warning;
  rule.reason =
      "The server cuts names to 63 bytes: two long names may become one, and what is written is not what is "
      "there.";
  rule.bad =
      "create index tasks_by_provisioner_and_worker_type_and_state_and_creation_and_priority_idx on tasks "
      "(state);";
  rule.good = "create index tasks_state_idx on tasks (state);";
  rule.check_statement = check_identifier_length;
  return rule;
}

}  // namespace dbtool::lint
