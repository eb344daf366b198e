#include "lint/columns.h"

#include <algorithm>
#include <set>

#include "sql/token.h"
#include "sql/type.h"

namespace dbtool::lint {

void for_each_new_column(const Statement& statement, const std::function<void(const NewColumn&)>& look) {
  if (statement.part != Part::script) return;
  for (const sql::Action& action : statement.actions) {
    if (action.temporary || action.table.schema == "pg_temp") continue;
    for (const sql::Column& column : action.table_columns) look({action.table, &column, &statement});
    if (action.kind == sql::ActionKind::add_column && action.column)
      look({action.table, &*action.column, &statement});
    if (action.kind == sql::ActionKind::alter_column_type) {
      sql::Column column;
      column.name = action.name;
      column.type = action.type;
      look({action.table, &column, &statement});
    }
  }
}

namespace {

bool is_any(const sql::Token& token, const std::set<std::string, std::less<>>& words) {
  return words.contains(token.lower);
}

/// Where the column's type begins: behind `a`, `a type` and `a set data type`; the count of tokens: nowhere.
std::size_t type_of(const std::vector<sql::Token>& tokens, const std::string& text,
                    const std::string& column) {
  static const std::set<std::string, std::less<>> before = {"(", ",", "column", "add", "alter", "exists"};
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    const std::string written = text.substr(tokens[i].offset, tokens[i].length);
    const bool named = tokens[i].lower == column || written == '"' + column + '"';
    if (!named || !is_any(tokens[i - 1], before)) continue;
    std::size_t at = i + 1;
    while (at < tokens.size() && is_any(tokens[at], {"set", "data", "type"})) ++at;
    if (at + 2 < tokens.size() && tokens[at].is("pg_catalog")) at += 2;
    if (at < tokens.size() && tokens[at].kind == sql::TokenKind::word) return at;
  }
  return tokens.size();
}

}  // namespace

std::string with_type(const NewColumn& made, const std::string& type) {
  const std::string& text = made.statement->text;
  const std::vector<sql::Token> tokens = sql::tokenize(text);
  const std::size_t first = type_of(tokens, text, made.column->name);
  if (first >= tokens.size()) return sql::quote_if_needed(made.column->name) + " " + type + "\n";
  std::size_t last = first;
  for (std::size_t at = first + 1; at < tokens.size(); ++at) {
    if (tokens[at].is("(")) {
      while (at < tokens.size() && !tokens[at].is(")")) ++at;
    } else if (!is_any(tokens[at], {"varying", "precision", "with", "without", "time", "zone"})) {
      break;
    }
    last = std::min(at, tokens.size() - 1);
  }
  return text.substr(0, tokens[first].offset) + type + text.substr(tokens[last].end()) + ";\n";
}

std::string column_object(const sql::ObjectName& table, const std::string& column) {
  return "column " + table.text() + "." + sql::quote_if_needed(column);
}

Issue issue_of_type(const NewColumn& made, std::string what, std::string advice, const std::string& type) {
  Issue issue;
  issue.object = column_object(made.table, made.column->name);
  issue.message = std::move(what);
  issue.advice = std::move(advice);
  if (!type.empty()) issue.rewrite = with_type(made, type);
  return issue;
}

}  // namespace dbtool::lint
