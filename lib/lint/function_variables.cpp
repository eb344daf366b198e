#include "lint/function_variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "lint/declared_batch.h"
#include "lint/row_loop.h"
#include "sql/token.h"

namespace dbtool::lint {
namespace {

using sql::Token;
using sql::TokenKind;

bool is_at(const std::vector<Token>& tokens, std::size_t i, std::string_view word) {
  return i < tokens.size() && tokens[i].is(word);
}

std::string name_of(std::string_view body, const Token& token) {
  if (token.kind != TokenKind::quoted_identifier) return token.lower;
  return std::string(body.substr(token.offset + 1, token.length < 2 ? 0 : token.length - 2));
}

/// One variable: what stands behind its name, from `begin` to `end`.
void read_type(const std::string& body, const std::vector<Token>& tokens, const std::string& name,
               std::size_t begin, std::size_t end, FunctionVariables& variables) {
  if (begin >= end || tokens[begin].is("cursor") || tokens[begin].is("alias")) return;
  if (tokens[begin].is("record")) {
    variables.records[name];
    return;
  }
  const auto text = [&](std::size_t from, std::size_t to) {
    return body.substr(tokens[from].offset, tokens[to - 1].end() - tokens[from].offset);
  };
  const bool copied = end >= begin + 3 && tokens[end - 2].is("%");
  if (copied && tokens[end - 1].is("rowtype")) {
    variables.types[name] = text(begin, end - 2);
  } else if (copied && tokens[end - 1].is("type")) {
    // As another variable, or as a column.
    const auto other = variables.types.find(tokens[begin].lower);
    if (end == begin + 3 && other != variables.types.end()) variables.types[name] = other->second;
    if (end < begin + 5) return;
    const sql::ObjectName table{end < begin + 7 ? "" : name_of(body, tokens[end - 7]),
                                name_of(body, tokens[end - 5])};
    variables.columns[name] = {table, name_of(body, tokens[end - 3])};
  } else {
    variables.types[name] = text(begin, end);
  }
}

void read_declarations(const std::string& body, FunctionVariables& variables) {
  const std::vector<Token> tokens = sql::tokenize(body);
  if (!is_at(tokens, 0, "declare")) return;
  for (std::size_t i = 1; i < tokens.size() && !tokens[i].is("begin"); ++i) {
    const std::size_t name = i;
    while (i < tokens.size() && !tokens[i].is(";")) ++i;
    std::size_t end = name + 1;
    while (end < i && !tokens[end].is(":=") && !tokens[end].is("=") && !tokens[end].is("default") &&
           !tokens[end].is("not"))
      ++end;
    const std::size_t begin = is_at(tokens, name + 1, "constant") ? name + 2 : name + 1;
    if (tokens[name].kind == TokenKind::word)
      read_type(body, tokens, tokens[name].lower, begin, end, variables);
  }
}

/// Writes one statement anew.
class Writer {
 public:
  Writer(const Statement& statement, const FunctionVariables& variables, const ColumnType& column_type)
      : text_(statement.text),
        variables_(variables),
        column_type_(column_type),
        tokens_(sql::tokenize(statement.text)) {
    if (statement.parsed) {
      for (const NamedRelation& relation : named_relations(*statement.tree)) own_.insert(relation.alias);
    }
    for (const Token& token : tokens_) {
      if (token.kind == TokenKind::parameter) count_ = std::max(count_, number_of(token));
    }
  }

  Parametrized run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) write(i);
    result_.sql += text_.substr(at_);
    result_.parameters = count_;
    return std::move(result_);
  }

 private:
  std::size_t number_of(const Token& token) const {
    std::size_t number = 0;
    const std::string_view digits = std::string_view(text_).substr(token.offset + 1, token.length - 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }

  void write(std::size_t i) {
    const Token& token = tokens_[i];
    const bool follows = i > 0 && (tokens_[i - 1].is(".") || tokens_[i - 1].is("as"));
    if (token.kind != TokenKind::word || follows || is_at(tokens_, i + 1, "(")) return;
    const bool field = is_at(tokens_, i + 1, ".") && i + 2 < tokens_.size();
    if (field && own_.contains(token.lower)) return;
    if (const auto record = variables_.records.find(token.lower);
        record != variables_.records.end() && field) {
      const std::string column = name_of(text_, tokens_[i + 2]);
      return put(i, i + 2, token.lower + "." + column, type_of_field(record->second, column));
    }
    const std::string type = type_of(token.lower);
    if (!type.empty()) put(i, i, token.lower, type);
  }

  std::string type_of(const std::string& name) const {
    if (const auto type = variables_.types.find(name); type != variables_.types.end()) return type->second;
    const auto column = variables_.columns.find(name);
    return column == variables_.columns.end()
               ? ""
               : column_type_(column->second.first.text(), column->second.second);
  }

  std::string type_of_field(const std::set<std::string>& tables, const std::string& column) const {
    for (const std::string& table : tables) {
      std::string type = column_type_(table, column);
      if (!type.empty()) return type;
    }
    return "";
  }

  /// Without a type the server finds it by what the parameter is compared with.
  void put(std::size_t first, std::size_t last, const std::string& name, const std::string& type) {
    const auto [number, added] = numbers_.emplace(name, count_ + 1);
    if (added) ++count_;
    result_.sql += text_.substr(at_, tokens_[first].offset - at_);
    result_.sql +=
        type.empty() ? fmt::format("${}", number->second) : fmt::format("(${}::{})", number->second, type);
    at_ = tokens_[last].end();
  }

  const std::string& text_;
  const FunctionVariables& variables_;
  const ColumnType& column_type_;
  std::vector<Token> tokens_;
  std::set<std::string, std::less<>> own_;  ///< what the statement calls its tables
  std::map<std::string, std::size_t> numbers_;
  std::size_t count_ = 0;
  std::size_t at_ = 0;
  Parametrized result_;
};

}  // namespace

FunctionVariables variables_of(const OnlineFunction& function, const Script& script) {
  FunctionVariables variables;
  for (std::size_t i = 0; i < function.inputs.size(); ++i) {
    if (!function.inputs[i].empty()) variables.types[to_lower(function.inputs[i])] = function.types[i];
  }
  read_declarations(function.body, variables);
  for (const Statement& query : script.statements) {
    if (query.part != Part::function || query.function != function.name || !query.heads_loop) continue;
    const auto record = variables.records.find(loop_variable(query));
    if (record == variables.records.end() || !query.parsed) continue;
    for (const NamedRelation& relation : named_relations(*query.tree))
      record->second.insert(relation.table.text());
  }
  return variables;
}

Parametrized parametrized(const Statement& statement, const FunctionVariables& variables,
                          const ColumnType& column_type) {
  return Writer(statement, variables, column_type).run();
}

}  // namespace dbtool::lint
