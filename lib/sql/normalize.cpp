#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sql/parse.h"

namespace dbtool::sql {

namespace {

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
}
bool is_word_character(char c) {
  return is_letter(c) || is_digit(c) || c == '$';
}

struct Piece {
  std::string text;
  bool word = false;   ///< needs a space before another word
  bool glued = false;  ///< belongs to the token before it without a space: the quote of E'…'
};

/// Names of one type; the server prints the second.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> type_aliases{{
    {"int", "integer"},
    {"int2", "smallint"},
    {"int4", "integer"},
    {"int8", "bigint"},
    {"bool", "boolean"},
    {"char", "character"},
    {"decimal", "numeric"},
    {"dec", "numeric"},
    {"float4", "real"},
    {"float8", "double precision"},
    {"timetz", "time with time zone"},
    {"timestamptz", "timestamp with time zone"},
    {"varbit", "bit varying"},
    {"varchar", "character varying"},
}};

/// Splits a fragment of SQL into tokens as the server's scanner does, as far as comparing needs it. What is
/// not terminated goes to the end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<Piece> scan() {
    while (at_ < text_.size()) scan_one();
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  std::string take(std::size_t end) {
    end = std::min(end, text_.size());
    std::string taken(text_.substr(at_, end - at_));
    at_ = end;
    return taken;
  }

  void scan_one() {
    const char c = peek();
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++at_;
    } else if (c == '-' && peek(1) == '-') {
      take(text_.find('\n', at_));
    } else if (c == '/' && peek(1) == '*') {
      skip_block_comment();
    } else if (c == '\'') {
      tokens_.push_back({take(end_of_quoted('\'', false)), true, false});
    } else if (c == '"') {
      add_quoted_name();
    } else if (c == '$' && !is_digit(peek(1)) && end_of_dollar_tag() != std::string_view::npos) {
      add_dollar_quoted();
    } else if (is_word_character(c)) {
      add_word();
    } else {
      tokens_.push_back({take(at_ + 1), false, false});
    }
  }

  void skip_block_comment() {
    int depth = 0;
    do {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < text_.size());
    at_ = std::min(at_, text_.size());
  }

  /// End of the quoted text that begins at `at_`; a doubled quote stands for itself.
  std::size_t end_of_quoted(char quote, bool backslashes) const {
    std::size_t end = at_ + 1;
    while (end < text_.size()) {
      const bool escapes = backslashes && text_[end] == '\\';
      const bool doubled = text_[end] == quote && end + 1 < text_.size() && text_[end + 1] == quote;
      if (escapes || doubled) {
        end += 2;
      } else if (text_[end] != quote) {
        ++end;
      } else {
        return end + 1;
      }
    }
    return text_.size();
  }

  void add_quoted_name() {
    std::string name = take(end_of_quoted('"', false));
    // "task_id" is task_id, but "char" is another type than char.
    const std::string_view inner = std::string_view(name).substr(1, name.size() >= 2 ? name.size() - 2 : 0);
    const bool plain = !inner.empty() && name.back() == '"' &&
                       (is_letter(inner.front()) && (inner.front() & 0x80) == 0) &&
                       std::all_of(inner.begin(), inner.end(),
                                   [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; });
    const bool is_type_word = std::any_of(type_aliases.begin(), type_aliases.end(),
                                          [&](const auto& alias) { return alias.first == inner; });
    if (plain && !is_type_word) name = std::string(inner);
    tokens_.push_back({std::move(name), true, false});
  }

  /// End of the `$tag$` at `at_`; npos when it is none.
  std::size_t end_of_dollar_tag() const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    return end < text_.size() && text_[end] == '$' ? end + 1 : std::string_view::npos;
  }

  void add_dollar_quoted() {
    const std::size_t body = end_of_dollar_tag();
    const std::string_view tag = text_.substr(at_, body - at_);
    const std::size_t close = text_.find(tag, body);
    tokens_.push_back({take(close == std::string_view::npos ? close : close + tag.size()), true, false});
  }

  void add_word() {
    std::size_t end = at_;
    while (end < text_.size() && is_word_character(text_[end])) ++end;
    std::string word = to_lower(take(end));
    const bool string_prefix = peek() == '\'' && (word == "e" || word == "b" || word == "x" || word == "n");
    const bool escapes = word == "e";
    if (string_prefix) {
      tokens_.push_back({std::move(word), true, false});
      tokens_.push_back({take(end_of_quoted('\'', escapes)), true, true});
      return;
    }
    const auto alias = std::find_if(type_aliases.begin(), type_aliases.end(),
                                    [&](const auto& entry) { return entry.first == word; });
    if (alias != type_aliases.end()) word = std::string(alias->second);
    tokens_.push_back({std::move(word), true, false});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Piece> tokens_;
};

/// Different spellings of the same: `in` is the default mode, `=` is `default`, `without time zone` is the
/// default.
std::vector<Piece> unify(const std::vector<Piece>& tokens) {
  std::vector<Piece> unified;
  const auto is = [&](std::size_t i, std::string_view text) {
    return i < tokens.size() && tokens[i].text == text;
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool argument_begins = i == 0 || is(i - 1, ",");
    if (argument_begins && is(i, "in")) continue;
    if (is(i, "without") && is(i + 1, "time") && is(i + 2, "zone")) {
      i += 2;
      continue;
    }
    unified.push_back(is(i, "=") ? Piece{"default", true, false} : tokens[i]);
  }
  return unified;
}

}  // namespace

std::string normalize(std::string_view sql_fragment) {
  std::string text;
  bool after_word = false;
  for (const Piece& token : unify(Scanner(sql_fragment).scan())) {
    if (after_word && token.word && !token.glued) text += ' ';
    text += token.text;
    after_word = token.word;
  }
  return text;
}

}  // namespace dbtool::sql
