#include "sql/assignments.h"

#include <set>

namespace dbtool::sql {
namespace {

bool begins_statement(const std::vector<Token>& tokens, std::size_t i) {
  static const std::set<std::string, std::less<>> before = {";", "begin", "then", "else", "loop", "declare"};
  return i == 0 || before.contains(tokens[i - 1].lower);
}

}  // namespace

std::map<std::string, std::pair<std::size_t, std::size_t>> single_assignments(
    const std::vector<Token>& tokens) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> values;
  std::set<std::string> several;
  bool declares = false;
  const auto note = [&](const Token& variable, std::size_t begin) {
    std::size_t end = begin;
    while (end < tokens.size() && !tokens[end].is(";")) ++end;
    if (!values.emplace(variable.lower, std::make_pair(begin, end)).second) several.insert(variable.lower);
  };
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.is("declare")) declares = true;
    if (token.is("begin")) declares = false;
    // Whatever else may set a variable: `into a, b`, `for a in`, `foreach a in`.
    if (token.is("into") || token.is("for") || token.is("foreach")) {
      std::size_t at = tokens[i + 1].is("strict") ? i + 2 : i + 1;
      for (; at < tokens.size() && tokens[at].kind == TokenKind::word; at += 2) {
        several.insert(tokens[at].lower);
        if (at + 1 >= tokens.size() || !tokens[at + 1].is(",")) break;
      }
    }
    if (token.kind != TokenKind::word || token.is("declare") || !begins_statement(tokens, i)) continue;
    std::size_t at = i + 1;
    while (declares && at < tokens.size() && !tokens[at].is(";") && !tokens[at].is(":=") &&
           !tokens[at].is("=") && !tokens[at].is("default"))
      ++at;
    const bool assigns = at < tokens.size() && (tokens[at].is(":=") || tokens[at].is("=") ||
                                                (declares && tokens[at].is("default")));
    if (assigns) note(token, at + 1);
  }
  for (const std::string& name : several) values.erase(name);
  return values;
}

}  // namespace dbtool::sql
