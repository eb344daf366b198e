#include "base/text.h"
#include "sql/block.h"
#include "sql/parse.h"
#include "sql/token.h"

namespace dbtool::sql {
namespace {

std::optional<SplitStatement> first_client_copy(const std::vector<SplitStatement>& statements) {
  for (const SplitStatement& statement : statements) {
    if (copies_with_client(statement.text)) return statement;
  }
  return std::nullopt;
}

/// False where there is none for certain.
bool may_copy(std::string_view text) {
  const std::string lower = to_lower(text);
  return lower.find("copy") != std::string::npos &&
         (lower.find("stdin") != std::string::npos || lower.find("stdout") != std::string::npos);
}

}  // namespace

// By words, since what psql takes for the rows behind `from stdin` is no SQL.
bool copies_with_client(std::string_view statement) {
  const std::vector<Token> tokens = tokenize(statement);
  if (tokens.empty() || !tokens.front().is("copy")) return false;
  int depth = 0;  // within parentheses they may be names
  for (std::size_t at = 1; at < tokens.size(); ++at) {
    if (tokens[at].is("(")) ++depth;
    if (tokens[at].is(")")) --depth;
    const bool is_client = tokens[at].is("stdin") || tokens[at].is("stdout");
    if (depth == 0 && is_client && (tokens[at - 1].is("from") || tokens[at - 1].is("to"))) return true;
  }
  return false;
}

std::optional<SplitStatement> find_client_copy(std::string_view block) {
  if (!may_copy(block)) return std::nullopt;
  return first_client_copy(statements_of_block(block));
}

std::optional<SplitStatement> find_client_copy_of_statements(std::string_view script) {
  if (!may_copy(script)) return std::nullopt;
  return first_client_copy(split(script).statements);
}

}  // namespace dbtool::sql
