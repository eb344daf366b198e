#include "sql/function.h"

#include "sql/block.h"
#include "sql/parse.h"
#include "sql/token.h"

namespace dbtool::sql {
namespace {

/// Reads `create [or replace] function NAME(…)`, `alter function NAME…`, `drop function [if exists] NAME(…),
/// …`.
class FunctionReader {
 public:
  explicit FunctionReader(std::string_view text) : text_(text), tokens_(tokenize(text)) {}

  std::vector<FunctionStatement> run() {
    std::vector<FunctionStatement> found;
    const bool dropped = is("drop");
    if (!dropped && !is("create") && !is("alter")) return found;
    ++position_;
    if (is("or")) position_ += 2;
    if (!is("function") && !is("routine")) return found;
    ++position_;
    if (is("if")) position_ += 2;
    do {
      if (auto statement = read_function(dropped)) found.push_back(std::move(*statement));
    } while (dropped && skip(","));
    return found;
  }

 private:
  bool is(std::string_view what) const { return position_ < tokens_.size() && tokens_[position_].is(what); }
  bool skip(std::string_view what) {
    if (!is(what)) return false;
    ++position_;
    return true;
  }

  std::string read_name() {
    if (position_ >= tokens_.size()) return {};
    const Token& token = tokens_[position_++];
    if (token.kind == TokenKind::quoted_identifier)
      return std::string(text_.substr(token.offset + 1, token.length - 2));
    return token.lower;
  }

  /// Nothing for a function of another schema.
  std::optional<FunctionStatement> read_function(bool dropped) {
    FunctionStatement statement;
    statement.dropped = dropped;
    statement.name = read_name();
    std::string schema;
    if (skip(".")) {
      schema = statement.name;
      statement.name = read_name();
    }
    if (skip("(")) {
      const std::size_t begin = position_;
      for (int depth = 1; position_ < tokens_.size(); ++position_) {
        if (is("(")) ++depth;
        if (is(")") && --depth == 0) break;
      }
      statement.arguments =
          position_ > begin && position_ < tokens_.size()
              ? std::string(
                    text_.substr(tokens_[begin].offset, tokens_[position_ - 1].end() - tokens_[begin].offset))
              : std::string();
      skip(")");
    }
    if (!schema.empty() && schema != "public") return std::nullopt;
    return statement;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
};

bool may_name_functions(std::string_view text) {
  for (const char* word : {"unction", "UNCTION", "outine", "OUTINE"}) {
    if (text.find(word) != std::string_view::npos) return true;
  }
  return false;
}

std::vector<FunctionStatement> of_statements(const std::vector<SplitStatement>& statements) {
  std::vector<FunctionStatement> found;
  for (const SplitStatement& statement : statements) {
    for (FunctionStatement& function : FunctionReader(statement.text).run())
      found.push_back(std::move(function));
  }
  return found;
}

}  // namespace

std::vector<FunctionStatement> function_statements_of_block(std::string_view block) {
  if (!may_name_functions(block)) return {};
  return of_statements(statements_of_block(block));
}

std::vector<FunctionStatement> function_statements_of_script(std::string_view script) {
  if (!may_name_functions(script)) return {};
  return of_statements(split_by_tokens(script));
}

}  // namespace dbtool::sql
