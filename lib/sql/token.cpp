#include "sql/token.h"

#include <algorithm>

#include "base/text.h"

namespace dbtool::sql {
namespace {

constexpr std::string_view user_prefix = "$db_user_prefix$";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}
char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (skip_blanks()) read_token();
    return std::move(tokens_);
  }

 private:
  char at(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }
  bool starts(std::size_t position, std::string_view with) const {
    return position <= text_.size() && text_.substr(position).starts_with(with);
  }

  /// False at the end of the text.
  bool skip_blanks() {
    while (position_ < text_.size()) {
      if (is_space(text_[position_])) {
        ++position_;
      } else if (starts(position_, "--")) {
        position_ = std::min(text_.find('\n', position_), text_.size());
      } else if (starts(position_, "/*")) {
        skip_block_comment();
      } else {
        return true;
      }
    }
    return false;
  }

  void skip_block_comment() {
    int depth = 0;
    while (position_ < text_.size()) {
      if (starts(position_, "/*")) {
        ++depth;
        position_ += 2;
      } else if (starts(position_, "*/")) {
        --depth;
        position_ += 2;
        if (depth == 0) return;
      } else {
        ++position_;
      }
    }
  }

  void read_token() {
    const char c = text_[position_];
    if (is_word_start(c) || starts(position_, user_prefix)) return read_word();
    if (c == '\'') return add(TokenKind::string, quoted_end(position_, '\'', false));
    if (c == '"') return add(TokenKind::quoted_identifier, quoted_end(position_, '"', false));
    if (is_digit(c) || (c == '.' && is_digit(at(position_ + 1)))) return add(TokenKind::number, number_end());
    if (c == '$') return read_dollar();
    for (const std::string_view symbol : {":=", "<<", ">>", "::", ".."}) {
      if (starts(position_, symbol)) return add(TokenKind::symbol, position_ + symbol.size());
    }
    add(TokenKind::symbol, position_ + 1);
  }

  void read_word() {
    const char first = to_lower(text_[position_]);
    if (at(position_ + 1) == '\'' && (first == 'e' || first == 'b' || first == 'x' || first == 'n')) {
      return add(TokenKind::string, quoted_end(position_ + 1, '\'', first == 'e'));
    }
    if (first == 'u' && at(position_ + 1) == '&' && (at(position_ + 2) == '\'' || at(position_ + 2) == '"')) {
      const char quote = at(position_ + 2);
      return add(quote == '"' ? TokenKind::quoted_identifier : TokenKind::string,
                 quoted_end(position_ + 2, quote, false));
    }
    std::size_t end = position_;
    while (end < text_.size()) {
      if (starts(end, user_prefix)) {
        end += user_prefix.size();
      } else if (is_word_start(text_[end]) || is_digit(text_[end]) || text_[end] == '$') {
        ++end;
      } else {
        break;
      }
    }
    add(TokenKind::word, end);
  }

  /// End of what is quoted by `quote` at `start`; a doubled quote stands for itself.
  std::size_t quoted_end(std::size_t start, char quote, bool backslashes) const {
    for (std::size_t i = start + 1; i < text_.size(); ++i) {
      if (backslashes && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        if (at(i + 1) != quote) return i + 1;
        ++i;
      }
    }
    return text_.size();
  }

  std::size_t number_end() const {
    std::size_t end = position_;
    while (is_digit(at(end)) || is_word_start(at(end)) || (at(end) == '.' && at(end + 1) != '.')) {
      const char letter = to_lower(at(end));
      ++end;
      if (letter == 'e' && (at(end) == '+' || at(end) == '-')) ++end;
    }
    return end;
  }

  void read_dollar() {
    if (is_digit(at(position_ + 1))) {
      std::size_t end = position_ + 1;
      while (is_digit(at(end))) ++end;
      return add(TokenKind::parameter, end);
    }
    std::size_t tag_end = position_ + 1;
    while (is_word_start(at(tag_end)) || (tag_end > position_ + 1 && is_digit(at(tag_end)))) ++tag_end;
    if (at(tag_end) != '$') return add(TokenKind::symbol, position_ + 1);
    const std::string_view tag = text_.substr(position_, tag_end + 1 - position_);
    const std::size_t close = text_.find(tag, tag_end + 1);
    add(TokenKind::string, close == std::string_view::npos ? text_.size() : close + tag.size());
  }

  void add(TokenKind kind, std::size_t end) {
    Token token{kind, position_, end - position_, {}};
    if (kind == TokenKind::word || kind == TokenKind::symbol) {
      token.lower = text_.substr(position_, token.length);
      std::transform(token.lower.begin(), token.lower.end(), token.lower.begin(), to_lower);
    }
    tokens_.push_back(std::move(token));
    position_ = end;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::vector<Token> tokens_;
};

char escaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return c;
  }
}

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  return Lexer(text).run();
}

std::string string_value(std::string_view text, const Token& token) {
  std::string_view raw = text.substr(token.offset, token.length);
  if (raw.starts_with('$')) {
    const std::size_t tag = raw.find('$', 1) + 1;
    return raw.size() >= 2 * tag ? std::string(raw.substr(tag, raw.size() - 2 * tag))
                                 : std::string(raw.substr(tag));
  }
  const std::size_t open = raw.find('\'');
  if (open == std::string_view::npos) return std::string(raw);
  const bool backslashes = open == 1 && to_lower(raw[0]) == 'e';
  raw.remove_prefix(open + 1);
  if (raw.ends_with('\'')) raw.remove_suffix(1);
  std::string value;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\'' && i + 1 < raw.size()) ++i;
    if (backslashes && raw[i] == '\\' && i + 1 < raw.size()) {
      const char next = raw[++i];
      if (is_digit(next) || next == 'x' || next == 'u' || next == 'U') value += '\\';
      value += escaped(next);
    } else {
      value += raw[i];
    }
  }
  return value;
}

std::string identifier(std::string_view text, const Token& token) {
  if (token.kind != TokenKind::quoted_identifier) return token.lower;
  const std::string_view inner = text.substr(token.offset + 1, token.length - 2);
  std::string name;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    name += inner[i];
    if (inner[i] == '"') ++i;
  }
  return name;
}

}  // namespace dbtool::sql
