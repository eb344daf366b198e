#include "sql/parts.h"

#include <algorithm>
#include <initializer_list>

#include "sql/token.h"

namespace dbtool::sql {

namespace {

bool is_one_of(const Token& token, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), token.lower) != words.end();
}

/// Walks over the tokens of a block. What opens is ended by `end`: `if`, `case`, `loop`, `begin`; a `case`
/// inside an expression, too.
class PartReader {
 public:
  explicit PartReader(std::string_view text) : text_(text), tokens_(tokenize(text)) {}

  BlockParts run() {
    skip_label();
    if (is("declare")) read_declarations();
    if (is("begin")) ++at_;
    while (at_ < tokens_.size() && !is("end")) {
      if (is("exception")) {
        parts_.has_handler = true;
        break;
      }
      if (is(";")) {
        ++at_;
        continue;
      }
      read_part();
    }
    return std::move(parts_);
  }

 private:
  bool is(std::string_view what) const { return at_ < tokens_.size() && tokens_[at_].is(what); }

  void skip_label() {
    if (!is("<<")) return;
    while (at_ < tokens_.size() && !is(">>")) ++at_;
    ++at_;
  }

  void read_declarations() {
    const std::size_t first = ++at_;
    while (at_ < tokens_.size() && !is("begin")) ++at_;
    if (at_ > first)
      parts_.declarations =
          text_.substr(tokens_[first].offset, tokens_[at_ - 1].end() - tokens_[first].offset);
  }

  /// Whether a statement of PL/pgSQL begins at `at`.
  bool is_start(std::size_t at, std::size_t first) const {
    return at == first || is_one_of(tokens_[at - 1], {";", "then", "else", "loop", "begin", ">>"});
  }

  int opens(std::size_t at, std::size_t first) const {
    const Token& token = tokens_[at];
    const bool behind_end = at > first && tokens_[at - 1].is("end");
    if (token.is("end")) return -1;
    if (behind_end) return 0;
    if (is_one_of(token, {"case", "loop"})) return 1;
    const bool atomic = token.is("begin") && at + 1 < tokens_.size() && tokens_[at + 1].is("atomic");
    return atomic || (is_one_of(token, {"if", "begin"}) && is_start(at, first)) ? 1 : 0;
  }

  void read_part() {
    const std::size_t first = at_;
    int depth = 0;
    int parentheses = 0;
    bool declares = is("declare");  // of a nested block: its semicolons end declarations
    for (; at_ < tokens_.size(); ++at_) {
      if (is("(")) ++parentheses;
      if (is(")")) --parentheses;
      if (declares && is("begin")) {
        declares = false;
        ++depth;
        continue;
      }
      depth += opens(at_, first);
      if (is(";") && depth <= 0 && parentheses <= 0 && !declares) break;
    }
    BlockPart part;
    part.offset = tokens_[first].offset;
    part.text = text_.substr(part.offset, tokens_[at_ - 1].end() - part.offset);
    part.statements = read_block(part.text);
    classify(part, first);
    parts_.parts.push_back(std::move(part));
  }

  void classify(BlockPart& part, std::size_t first) const {
    const bool is_single = part.statements.size() == 1 && part.statements[0].run_as == RunAs::statement &&
                           part.statements[0].loops == 0 && part.statements[0].conditions == 0;
    part.is_plain =
        is_single && part.statements[0].statement.text == part.text &&
        !is_one_of(tokens_[first], {"return", "raise", "assert", "null", "exit", "continue", "get", "close",
                                    "if", "case", "for", "while", "loop", "begin"});
    const bool is_query = is_single && is_one_of(tokens_[first], {"select"}) && !part.is_plain;
    part.sets_variables = is_query || (part.statements.empty() && first + 1 < tokens_.size() &&
                                       is_one_of(tokens_[first + 1], {":=", "="}));
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  BlockParts parts_;
};

}  // namespace

BlockParts parts_of_block(std::string_view block) {
  return PartReader(block).run();
}

}  // namespace dbtool::sql
