#include "lint/clauses.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sql/token.h"

namespace dbtool::lint {
namespace {

enum class Clause { head, where, order, conflict, returning };

/// The clause that a token begins; `next` is the one behind it.
Clause clause_at(const sql::Token& token, std::string_view next, Clause now) {
  if (token.is("where") && now == Clause::head) return Clause::where;
  if (token.is("on") && next == "conflict") return Clause::conflict;
  if (token.is("returning")) return Clause::returning;
  const bool ends = token.is("order") || token.is("limit") || (token.is("for") && now != Clause::head);
  return ends && now != Clause::conflict && now != Clause::returning ? Clause::order : now;
}

std::string& text_of(Clauses& clauses, Clause clause) {
  switch (clause) {
    case Clause::where:
      return clauses.where;
    case Clause::order:
      return clauses.order;
    case Clause::conflict:
      return clauses.conflict;
    case Clause::returning:
      return clauses.returning;
    case Clause::head:
      break;
  }
  return clauses.head;
}

}  // namespace

Clauses cut_clauses(std::string_view statement) {
  Clauses clauses;
  const std::vector<sql::Token> tokens = sql::tokenize(statement);
  Clause clause = Clause::head;
  std::size_t begin = 0;
  int parentheses = 0;
  const auto close = [&](std::size_t end) {
    text_of(clauses, clause) += trim(statement.substr(begin, end - begin));
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].is("(")) ++parentheses;
    if (tokens[i].is(")")) --parentheses;
    if (parentheses > 0) continue;
    const std::string_view next = i + 1 < tokens.size() ? std::string_view(tokens[i + 1].lower) : "";
    const Clause found = clause_at(tokens[i], next, clause);
    if (found == clause) continue;
    close(tokens[i].offset);
    clause = found;
    begin = found == Clause::where ? tokens[i].end() : tokens[i].offset;
  }
  close(tokens.empty() ? 0 : tokens.back().end());
  return clauses;
}

std::string moved_right(std::string_view text, std::size_t columns) {
  std::size_t common = std::string::npos;
  bool first = true;
  for (const std::string_view line : split_lines(text)) {
    if (!first && !trim(line).empty()) common = std::min(common, line.find_first_not_of(' '));
    first = false;
  }
  std::string out;
  first = true;
  for (const std::string_view line : split_lines(text)) {
    const std::string_view kept =
        first || common == std::string::npos ? line : line.substr(std::min(common, line.size()));
    out += (trim(kept).empty() ? "" : std::string(columns, ' ') + std::string(kept)) + "\n";
    first = false;
  }
  return out;
}

}  // namespace dbtool::lint
