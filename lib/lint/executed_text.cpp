#include "lint/executed_text.h"

#include <algorithm>

#include "sql/block.h"
#include "sql/type.h"

namespace dbtool::lint {
namespace {

using sql::TokenKind;

/// Numbers of the values, from 1, that a format takes as they are: `%s`, `%2$s`.
std::vector<std::size_t> plain_marks(std::string_view format) {
  std::vector<std::size_t> marks;
  std::size_t next = 1;
  for (std::size_t i = 0; i + 1 < format.size(); ++i) {
    if (format[i] != '%') continue;
    ++i;
    std::size_t number = 0;
    std::size_t at = i;
    while (at < format.size() && format[at] >= '0' && format[at] <= '9' && number < 1000)
      number = number * 10 + static_cast<std::size_t>(format[at++] - '0');
    const bool numbered = at > i && at < format.size() && format[at] == '$';
    if (numbered) i = at + 1;
    while (i < format.size() && (format[i] == '-' || (format[i] >= '0' && format[i] <= '9'))) ++i;
    if (i >= format.size() || format[i] == '%') continue;
    const std::size_t position = numbered ? number : next;
    next = position + 1;
    if (format[i] == 's') marks.push_back(position);
  }
  return marks;
}

/// Functions that give back the text that they are given, or one that holds it.
bool hands_on(const std::string& function) {
  static const std::set<std::string, std::less<>> known = {
      "concat", "concat_ws", "coalesce", "lower",           "upper",      "trim", "btrim",     "ltrim",
      "rtrim",  "replace",   "nullif",   "array_to_string", "string_agg", "left", "substring", "substr"};
  return known.contains(function);
}

bool is_comparison(const sql::Token& token) {
  static const std::set<std::string, std::less<>> words = {
      "=", "<", ">", "<>", "!=", "is", "in", "like", "ilike", "between", "and", "or", "not"};
  return words.contains(token.lower);
}

}  // namespace

bool is_harmless_in_sql(const std::string& type) {
  static const std::set<std::string, std::less<>> types = {"integer",
                                                           "bigint",
                                                           "smallint",
                                                           "numeric",
                                                           "real",
                                                           "double precision",
                                                           "boolean",
                                                           "uuid",
                                                           "date",
                                                           "oid",
                                                           "regclass",
                                                           "regproc",
                                                           "regprocedure",
                                                           "regtype",
                                                           "interval",
                                                           "timestamp with time zone",
                                                           "timestamp without time zone"};
  return types.contains(type);
}

std::vector<ExecuteReader::Found> ExecuteReader::run() {
  follow_variables();
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    if (tokens_[i].is("execute") && !(i > 0 && tokens_[i - 1].is("grant"))) read(i);
  }
  return std::move(found_);
}

void ExecuteReader::read(std::size_t execute) {
  std::size_t end = execute + 1;
  int depth = 0;
  for (; end < tokens_.size(); ++end) {
    if (is(end, "(")) ++depth;
    if (is(end, ")")) --depth;
    if (depth <= 0 && (is(end, "into") || is(end, "using") || is(end, "loop") || is(end, ";"))) break;
  }
  for (Found& one : read_text(execute + 1, end)) {
    one.offset = tokens_[execute].offset;
    found_.push_back(std::move(one));
  }
}

/// The arguments that are a part of the text as they are.
std::vector<ExecuteReader::Found> ExecuteReader::read_text(std::size_t begin, std::size_t end) const {
  std::vector<Found> found;
  for (std::size_t i = begin; i < end; ++i) {
    if (is(i, "format") && is(i + 1, "(")) {
      i = read_format(i + 1, end, found);
      continue;
    }
    // quote_ident(x), quote_literal(x) and quote_nullable(x) are what one should do.
    if (tokens_[i].lower.starts_with("quote_") && is(i + 1, "(")) {
      i = closing(i + 1, end);
      continue;
    }
    const std::string argument = argument_at(i);
    if (!argument.empty() && !is_cast(i)) found.push_back({0, argument, false});
  }
  return found;
}

std::size_t ExecuteReader::closing(std::size_t open, std::size_t end) const {
  int depth = 0;
  for (std::size_t i = open; i < end; ++i) {
    if (is(i, "(")) ++depth;
    if (is(i, ")") && --depth == 0) return i;
  }
  return end;
}

/// The argument whose text stands here, itself or in a variable; "" for anything else.
std::string ExecuteReader::argument_at(std::size_t i) const {
  if (tokens_[i].kind != TokenKind::word || is(i + 1, "(") || (i > 0 && is(i - 1, "."))) return "";
  if (body_.arguments.contains(tokens_[i].lower)) return tokens_[i].lower;
  const auto carrier = carriers_.find(tokens_[i].lower);
  return carrier == carriers_.end() ? "" : carrier->second;
}

/// `x::regclass`, `x::integer`
bool ExecuteReader::is_cast(std::size_t i) const {
  return is(i + 1, "::") && i + 2 < tokens_.size() &&
         is_harmless_in_sql(sql::canonical_type(tokens_[i + 2].lower));
}

/// `format('… %s …', a, b)`: which argument stands for which mark. Gives the closing parenthesis.
std::size_t ExecuteReader::read_format(std::size_t open, std::size_t end, std::vector<Found>& found) const {
  const std::size_t close = closing(open, end);
  std::vector<std::vector<std::size_t>> values(1);
  int depth = 0;
  for (std::size_t i = open; i < close; ++i) {
    if (is(i, "(") || is(i, "[")) ++depth;
    if (is(i, ")") || is(i, "]")) --depth;
    if (depth == 1 && is(i, ","))
      values.emplace_back();
    else if (i > open)
      values.back().push_back(i);
  }
  std::string pattern;
  for (const std::size_t i : values.front()) {
    if (tokens_[i].kind == TokenKind::string) pattern += sql::string_value(body_.text, tokens_[i]);
  }
  for (const std::size_t position : plain_marks(pattern)) {
    if (position >= values.size()) continue;
    for (const std::size_t i : values[position]) {
      if (tokens_[i].lower.starts_with("quote_")) break;
      const std::string argument = argument_at(i);
      if (!argument.empty() && !is_cast(i)) found.push_back({0, argument, true});
    }
  }
  return close;
}

// -- variables ----------------------------------------------------------------------------------------------

/// Twice, because a loop may use in its next round what it built in this one.
void ExecuteReader::follow_variables() {
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i + 2 < tokens_.size(); ++i) {
      if (is(i, "declare")) follow_declarations(i);
      if (is(i, "select")) follow_select(i);
      const bool assigns = is(i + 1, ":=") || is(i + 1, "=");
      const bool begins = i == 0 || is(i - 1, ";") || is(i - 1, "begin") || is(i - 1, "then") ||
                          is(i - 1, "else") || is(i - 1, "loop");
      if (assigns && begins) follow(i, i + 2, behind_statement(i));
    }
  }
}

std::size_t ExecuteReader::behind_statement(std::size_t begin) const {
  while (begin < tokens_.size() && !is(begin, ";")) ++begin;
  return begin;
}

/// `q text := 'select … ' || name_in;`
void ExecuteReader::follow_declarations(std::size_t declare) {
  std::size_t begin = declare + 1;
  while (begin < tokens_.size() && !is(begin, "begin")) {
    const std::size_t end = behind_statement(begin);
    std::size_t value = begin + 1;
    while (value < end && !is(value, ":=") && !is(value, "=") && !is(value, "default")) ++value;
    if (value > begin + 1) {
      std::string type;
      for (std::size_t i = begin + 1; i < value; ++i) type += (type.empty() ? "" : " ") + tokens_[i].lower;
      if (is_harmless_in_sql(sql::canonical_type(type))) harmless_.insert(tokens_[begin].lower);
    }
    if (value < end) follow(begin, value + 1, end);
    begin = end + 1;
  }
}

/// `select 'select … ' || name_in into q`, with one target.
void ExecuteReader::follow_select(std::size_t select) {
  const std::size_t end = behind_statement(select);
  std::size_t into = select;
  int depth = 0;
  std::size_t list_end = end;
  for (; into < end && !(depth == 0 && is(into, "into")); ++into) {
    if (is(into, "(")) ++depth;
    if (is(into, ")") && --depth < 0) return;
    if (depth == 0 && is(into, "from")) list_end = std::min(list_end, into);
  }
  if (into >= end) return;
  const std::size_t target = is(into + 1, "strict") ? into + 2 : into + 1;
  if (target < end && !is(target + 1, ",")) follow(target, select + 1, std::min(list_end, into));
}

void ExecuteReader::follow(std::size_t variable, std::size_t begin, std::size_t end) {
  const std::string& name = tokens_[variable].lower;
  if (harmless_.contains(name) || body_.arguments.contains(name)) return;
  const std::string argument = carried(begin, end);
  if (!argument.empty()) carriers_.emplace(name, argument);
}

/// The argument whose text is a part of an expression's value: not where it is compared, looked up, or given
/// to a function that may make anything of it.
std::string ExecuteReader::carried(std::size_t begin, std::size_t end) const {
  int whens = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (is(i, "case") || is(i, "when")) whens = 1;
    if (is(i, "then")) whens = 0;
    if (whens > 0) continue;
    if (is_comparison(tokens_[i])) return "";
    const bool calls = tokens_[i].kind == TokenKind::word && is(i + 1, "(");
    const bool is_query = is(i, "(") && (is(i + 1, "select") || is(i + 1, "with"));
    if (is_query || (calls && !hands_on(tokens_[i].lower) && !is(i, "format"))) {
      i = closing(is_query ? i : i + 1, end);
      continue;
    }
    if (is(i, "format") && is(i + 1, "(")) {
      std::vector<Found> found;
      i = read_format(i + 1, end, found);
      if (!found.empty()) return found.front().argument;
      continue;
    }
    std::string argument = argument_at(i);
    if (!argument.empty() && !is_cast(i)) return argument;
  }
  return "";
}

}  // namespace dbtool::lint
