#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::sql {

enum class TokenKind {
  word,               ///< unquoted identifier or keyword
  quoted_identifier,  ///< "…"
  string,             ///< '…', E'…', $tag$…$tag$ and their like
  number,
  parameter,  ///< $1
  symbol,     ///< `:=`, `<<`, `>>`, `::` and `..` are one, everything else is one character
};

/// One token of SQL or PL/pgSQL; offset and length are bytes of the text that was read.
struct Token {
  TokenKind kind{};
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string lower;  ///< words and symbols: what stands there, in lower case; empty for the others

  std::size_t end() const { return offset + length; }
  bool is(std::string_view word_or_symbol) const { return lower == word_or_symbol; }
};

/// Cuts text into tokens; comments and white space are left out. Never fails: what is not closed ends with
/// the text. `$db_user_prefix$` counts as part of a word, not as a dollar quote.
std::vector<Token> tokenize(std::string_view text);

/// What a string token means: quotes, escapes and dollar quotes gone. Escapes other than those of plain
/// characters (`\n`, `\t`, `\'`, `\\` …) are left as they stand.
std::string string_value(std::string_view text, const Token& token);

/// The name that a word or quoted identifier of `text` stands for, as the server knows it.
std::string identifier(std::string_view text, const Token& token);

}  // namespace dbtool::sql
