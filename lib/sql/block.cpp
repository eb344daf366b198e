#include "sql/block.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <map>
#include <optional>
#include <utility>

#include "sql/assignments.h"
#include "sql/token.h"
#include "sql/type.h"

namespace dbtool::sql {
namespace {

bool is_any(const Token& token, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), token.lower) != words.end();
}

/// Finds the end of an SQL statement among tokens: a semicolon outside of parentheses, and outside of the
/// `begin atomic … end` of a function's body.
std::size_t statement_end(const std::vector<Token>& tokens, std::size_t from) {
  int parentheses = 0;
  int blocks = 0;
  const bool creates = from < tokens.size() && tokens[from].is("create");
  for (std::size_t i = from; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.is("(")) ++parentheses;
    if (token.is(")")) --parentheses;
    if (creates && token.is("begin") && i + 1 < tokens.size() && tokens[i + 1].is("atomic")) ++blocks;
    if (blocks > 0 && token.is("case")) ++blocks;
    if (blocks > 0 && token.is("end")) --blocks;
    if (token.is(";") && parentheses <= 0 && blocks == 0) return i;
  }
  return tokens.size();
}

/// Walks over the tokens of a PL/pgSQL block. It knows only as much of the language as tells where a
/// statement begins and ends; unlike a compiler it cannot be wrong about types and variables.
class BlockReader {
 public:
  explicit BlockReader(std::string_view text)
      : text_(text), tokens_(tokenize(text)), values_(single_assignments(tokens_)) {}

  std::vector<BlockStatement> run() {
    while (position_ < tokens_.size()) read_statement();
    return std::move(statements_);
  }

 private:
  bool more() const { return position_ < tokens_.size(); }
  const Token& token() const { return tokens_[position_]; }
  bool token_is(std::size_t position, std::string_view what) const {
    return position < tokens_.size() && tokens_[position].is(what);
  }

  void read_statement() {
    if (token().is(";") || is_any(token(), {"begin", "else", "exception"})) {
      ++position_;
    } else if (token().is("loop")) {
      begin_loop(false);
      ++position_;
    } else if (token().is("<<")) {
      skip_behind(">>");
    } else if (token().is("end")) {
      read_end();
    } else if (is_assignment()) {
      skip_behind(";");
    } else if (token().is("declare")) {
      skip_declarations();
    } else if (is_any(token(), {"if", "elsif", "elseif", "when"})) {
      if (token().is("if")) ++conditions_;
      ++position_;
      skip_behind("then");
    } else if (token().is("case")) {
      ++conditions_;
      ++position_;
      skip_behind("when");
      skip_behind("then");
    } else if (token().is("while")) {
      ++position_;
      skip_behind("loop");
      begin_loop(false);
    } else if (is_any(token(), {"for", "foreach"})) {
      read_loop();
    } else if (is_any(token(), {"open", "fetch", "move"})) {
      read_cursor_use();
    } else if (token().is("return") && token_is(position_ + 1, "query")) {
      position_ += 2;
      read_sql(statement_end(tokens_, position_), RunAs::statement);
    } else {
      read_sql(statement_end(tokens_, position_), RunAs::statement);
    }
  }

  void begin_loop(bool over_rows) {
    loops_.push_back(over_rows);
    loop_begins_.push_back(statements_.size());
  }

  /// `end`, `end if`, `end loop`, `end case`
  void read_end() {
    if (token_is(position_ + 1, "loop") && !loops_.empty()) {
      loops_.pop_back();
      loop_begins_.pop_back();
    }
    const bool of_condition = token_is(position_ + 1, "if") || token_is(position_ + 1, "case");
    if (of_condition && conditions_ > 0) --conditions_;
    skip_behind(";");
  }

  /// `name :=`, `name.field =`, `name[index] :=`
  bool is_assignment() const {
    if (token().kind != TokenKind::word && token().kind != TokenKind::quoted_identifier) return false;
    std::size_t i = position_ + 1;
    while (i < tokens_.size()) {
      if (tokens_[i].is(".")) {
        i += 2;
      } else if (tokens_[i].is("[")) {
        while (i < tokens_.size() && !tokens_[i].is("]")) ++i;
        ++i;
      } else {
        break;
      }
    }
    return token_is(i, ":=") || token_is(i, "=");
  }

  /// Goes behind the next `what` that is not inside parentheses or a `case` expression.
  void skip_behind(std::string_view what) {
    int parentheses = 0;
    int cases = 0;
    for (; more(); ++position_) {
      if (token().is("(")) ++parentheses;
      if (token().is(")")) --parentheses;
      if (parentheses <= 0 && cases == 0 && token().is(what)) {
        ++position_;
        return;
      }
      if (token().is("case") && what != ";") ++cases;  // `end case;` opens none
      if (token().is("end") && cases > 0) --cases;
    }
  }

  void skip_declarations() {
    ++position_;
    while (more() && !token().is("begin")) {
      if (is_any_of_next({"cursor"}, 4)) read_cursor_query({"for", "is"});
      skip_behind(";");
    }
  }

  /// Whether one of the words stands among the next `count` tokens.
  bool is_any_of_next(std::initializer_list<std::string_view> words, std::size_t count) const {
    for (std::size_t i = position_; i < std::min(position_ + count, tokens_.size()); ++i) {
      if (tokens_[i].is(";")) return false;
      if (is_any(tokens_[i], words)) return true;
    }
    return false;
  }

  /// `open c for <query>`; a `fetch` inside a loop makes it one over rows.
  void read_cursor_use() {
    const bool opens = token().is("open");
    if (!opens && !loops_.empty() && !loops_.back()) {
      loops_.back() = true;
      // What stands before the `fetch` in the same loop (`while found loop … fetch …`) is in it, too.
      for (std::size_t i = loop_begins_.back(); i < statements_.size(); ++i) ++statements_[i].row_loops;
    }
    if (opens) read_cursor_query({"for"});
    skip_behind(";");
  }

  /// The query behind one of the words, up to the statement's end.
  void read_cursor_query(std::initializer_list<std::string_view> words) {
    const std::size_t end = statement_end(tokens_, position_);
    while (position_ < end && !is_any(token(), words)) ++position_;
    if (position_ < end) ++position_;
    if (position_ < end && is_any(token(), {"select", "with", "values", "table", "("}))
      read_sql(end, RunAs::cursor_query);
  }

  /// `for x in <query> loop`: the query may write. What is no query and no range of numbers is a cursor.
  void read_loop() {
    const bool each = token().is("foreach");
    while (more() && !is_any(token(), {"in", "loop", ";"})) ++position_;
    if (more() && token().is("in")) ++position_;
    const std::size_t begin = position_;
    skip_behind("loop");
    const std::size_t end = position_;
    if (end == begin) return;
    position_ = begin;
    const bool over_rows =
        is_any(token(), {"select", "with", "execute", "insert", "update", "delete", "values", "table", "("});
    const std::size_t before = statements_.size();
    if (over_rows) read_sql(end - 1, RunAs::loop_query);
    if (each) read_array_query(begin, end);
    if (statements_.size() > before) statements_.back().heads_loop = true;
    const bool over_numbers = std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(begin),
                                          tokens_.begin() + static_cast<std::ptrdiff_t>(end),
                                          [](const Token& one) { return one.is("..") || one.is("array"); });
    position_ = end;
    begin_loop(each ? statements_.size() > before : over_rows || !over_numbers);
  }

  /// The query in `foreach x in array array(select …) loop`: the loop runs once for each of its rows.
  void read_array_query(std::size_t begin, std::size_t end) {
    if (!token_is(begin, "array") || !token_is(begin + 1, "array") || !token_is(begin + 2, "(")) return;
    std::size_t last = begin + 3;
    for (int open = 1; last < end; ++last) {
      if (tokens_[last].is("(")) ++open;
      if (tokens_[last].is(")") && --open == 0) break;
    }
    if (last >= end || !is_any(tokens_[begin + 3], {"select", "with"})) return;
    position_ = begin + 3;
    read_sql(last, RunAs::loop_query);
  }

  /// The statement between here and the token `end`.
  void read_sql(std::size_t end, RunAs run_as) {
    if (position_ < end && token().is("execute")) {
      read_execute(end);
    } else if (position_ < end && (token().kind == TokenKind::word || token().is("("))) {
      add_sql(position_, end, run_as);
    }
    position_ = end;
  }

  /// `execute '…'`: a constant is as good as a static statement; of what is built at run time the constant
  /// parts are known.
  void read_execute(std::size_t end) {
    const std::size_t first = position_ + 1;
    std::size_t last = first;
    int parentheses = 0;
    for (; last < end; ++last) {
      if (tokens_[last].is("(")) ++parentheses;
      if (tokens_[last].is(")")) --parentheses;
      if (parentheses == 0 && is_any(tokens_[last], {"into", "using", "loop"})) break;
    }
    if (first == last) return;
    std::string text;
    RunAs run_as = executed_text(first, last, text);
    const auto value = last == first + 1 ? values_.find(tokens_[first].lower) : values_.end();
    if (run_as == RunAs::unknown && value != values_.end() && value->second.first < value->second.second) {
      text.clear();
      run_as = executed_text(value->second.first, value->second.second, text);
    }
    for (SplitStatement& statement : split_by_tokens(text)) {
      statement.offset = tokens_[first].offset;
      add(std::move(statement), run_as);
    }
  }

  RunAs executed_text(std::size_t first, std::size_t last, std::string& text) const {
    const bool is_format = tokens_[first].is("format") && token_is(first + 1, "(") && first + 2 < last &&
                           tokens_[first + 2].kind == TokenKind::string;
    if (is_format) {
      const auto values = constant_values(first + 3, last);
      text = filled_format(string_value(text_, tokens_[first + 2]), values);
      return values ? RunAs::constant : RunAs::formatted;
    }
    bool only_constants = true;
    bool any_constant = false;
    bool pending = false;
    int parentheses = 0;
    for (std::size_t i = first; i < last; ++i) {
      const Token& part = tokens_[i];
      if (part.is("(")) ++parentheses;
      if (part.is(")")) --parentheses;
      if (parentheses == 0 && part.kind == TokenKind::string) {
        text += string_value(text_, part);
        any_constant = true;
      } else if (part.is("|") && parentheses == 0) {
        only_constants = false;
        pending = false;
      } else if (!pending) {
        text += dynamic_name;
        only_constants = false;
        pending = true;
      }
    }
    if (only_constants) return RunAs::constant;
    if (any_constant) return RunAs::concatenated;
    text = text_.substr(tokens_[first].offset, tokens_[last - 1].end() - tokens_[first].offset);
    return RunAs::unknown;
  }

  /// The arguments of `format` behind its text, where all of them are constants.
  std::optional<std::vector<std::string>> constant_values(std::size_t begin, std::size_t last) const {
    std::vector<std::string> values;
    std::size_t i = begin;
    for (; i + 1 < last && tokens_[i].is(","); i += 2) {
      if (tokens_[i + 1].kind != TokenKind::string) return std::nullopt;
      values.push_back(string_value(text_, tokens_[i + 1]));
    }
    if (i + 1 != last || !tokens_[i].is(")")) return std::nullopt;
    return values;
  }

  static std::string literal(std::string_view value) {
    std::string text = "'";
    for (const char c : value) text += c == '\'' ? std::string("''") : std::string(1, c);
    return text + "'";
  }

  /// What `format` makes. Without values `%I` and `%s` become a name and `%L` a constant.
  static std::string filled_format(std::string_view format,
                                   const std::optional<std::vector<std::string>>& values) {
    std::string text;
    std::size_t next = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] != '%' || i + 1 >= format.size()) {
        text += format[i];
        continue;
      }
      std::size_t number = 0;
      while (i + 1 < format.size() && (std::isdigit(static_cast<unsigned char>(format[i + 1])) != 0 ||
                                       format[i + 1] == '$' || format[i + 1] == '-')) {
        ++i;
        if (format[i] == '$') next = number - 1;
        number = format[i] == '$' || format[i] == '-'
                     ? 0
                     : number * 10 + static_cast<std::size_t>(format[i] - '0');
      }
      if (i + 1 >= format.size()) break;
      const char kind = format[++i];
      if (kind == '%') {
        text += '%';
        continue;
      }
      const std::string value(values && next < values->size() ? (*values)[next] : dynamic_name);
      ++next;
      const bool known = values.has_value();
      if (kind == 'I') text += known ? quote_if_needed(value) : value;
      if (kind == 's') text += value;
      if (kind == 'L') text += literal(value);
    }
    return text;
  }

  void add(SplitStatement statement, RunAs run_as) {
    const auto row_loops = static_cast<int>(std::count(loops_.begin(), loops_.end(), true));
    statements_.push_back(
        {std::move(statement), run_as, static_cast<int>(loops_.size()), row_loops, conditions_, false});
  }

  void add_sql(std::size_t begin, std::size_t end, RunAs run_as) {
    const std::size_t from = tokens_[begin].offset;
    const std::size_t to = tokens_[end - 1].end();
    std::string sql(text_.substr(from, to - from));
    for (std::size_t i = begin + 1; i < end; ++i) {
      if (!tokens_[i].is("into") || is_any(tokens_[i - 1], {"insert", "merge"})) continue;
      const std::size_t target_end = into_end(i, end);
      const std::size_t start = tokens_[i].offset - from;
      std::fill_n(sql.begin() + static_cast<std::ptrdiff_t>(start),
                  tokens_[target_end - 1].end() - from - start, ' ');
      i = target_end - 1;
    }
    if (tokens_[begin].is("perform")) {
      constexpr std::string_view select = "select ";
      std::copy(select.begin(), select.end(), sql.begin());
      run_as = RunAs::perform;
    }
    add({std::move(sql), from}, run_as);
  }

  /// Behind `into [strict] a, b.c, …`.
  std::size_t into_end(std::size_t into, std::size_t end) const {
    std::size_t i = into + 1;
    if (i < end && tokens_[i].is("strict")) ++i;
    while (i < end) {
      ++i;
      while (i + 1 < end && tokens_[i].is(".")) i += 2;
      if (i + 1 >= end || !tokens_[i].is(",")) break;
      ++i;
    }
    return std::min(i, end);
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::map<std::string, std::pair<std::size_t, std::size_t>> values_;  ///< of variables set once
  std::size_t position_ = 0;
  std::vector<bool> loops_;               ///< around the position; true: over the rows of a query
  std::vector<std::size_t> loop_begins_;  ///< of each of them, the statement that comes first in it
  int conditions_ = 0;
  std::vector<BlockStatement> statements_;
};

}  // namespace

std::vector<BlockStatement> read_block(std::string_view block) {
  return BlockReader(block).run();
}

std::vector<SplitStatement> statements_of_block(std::string_view block) {
  std::vector<SplitStatement> statements;
  for (BlockStatement& part : BlockReader(block).run()) {
    const bool is_static =
        part.run_as == RunAs::statement || part.run_as == RunAs::loop_query || part.run_as == RunAs::constant;
    if (is_static) statements.push_back(std::move(part.statement));
  }
  return statements;
}

std::vector<SplitStatement> split_by_tokens(std::string_view script) {
  const std::vector<Token> tokens = tokenize(script);
  std::vector<SplitStatement> statements;
  for (std::size_t begin = 0; begin < tokens.size();) {
    const std::size_t end = statement_end(tokens, begin);
    if (end > begin) {
      const std::size_t from = tokens[begin].offset;
      statements.push_back({std::string(script.substr(from, tokens[end - 1].end() - from)), from});
    }
    begin = end + 1;
  }
  return statements;
}

}  // namespace dbtool::sql
