#include "pg/quote.h"

#include <cctype>

#include "base/error.h"

namespace dbtool::pg {

namespace {

std::string wrap(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote) quoted += c;
    quoted += c;
  }
  return quoted += quote;
}

[[noreturn]] void not_a_name(std::string_view name) {
  throw Error(ExitCode::usage, "\"" + std::string(name) + "\" is not a name of a table or function",
              "write name or schema.name, in double quotes where it holds other characters than letters, "
              "digits and _");
}

bool starts_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool continues_word(char c) {
  return starts_word(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

/// Takes one part from the front of `rest`: a word, folded to lower case as the server does, or a quoted
/// name.
std::string take_part(std::string_view& rest, std::string_view name) {
  std::string part;
  std::size_t at = 0;
  if (!rest.empty() && rest[0] == '"') {
    for (at = 1;; ++at) {
      if (at >= rest.size()) not_a_name(name);
      if (rest[at] == '"' && (at + 1 >= rest.size() || rest[at + 1] != '"')) break;
      if (rest[at] == '"') ++at;
      part += rest[at];
    }
    ++at;
  } else if (!rest.empty() && starts_word(rest[0])) {
    for (; at < rest.size() && continues_word(rest[at]); ++at) {
      const char c = rest[at];
      part += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (part.empty()) not_a_name(name);
  rest.remove_prefix(at);
  return part;
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  return wrap(name, '"');
}

std::pair<std::string, std::string> split_qualified(std::string_view name) {
  std::string_view rest = name;
  std::string first = take_part(rest, name);
  if (rest.empty()) return {"public", std::move(first)};
  if (rest[0] != '.') not_a_name(name);
  rest.remove_prefix(1);
  std::string second = take_part(rest, name);
  if (!rest.empty()) not_a_name(name);
  return {std::move(first), std::move(second)};
}

std::string quote_qualified(std::string_view name) {
  const auto [schema, object] = split_qualified(name);
  return quote_identifier(schema) + "." + quote_identifier(object);
}

std::string quote_literal(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return wrap(text, '\'');
  std::string doubled;
  for (const char c : text) {
    if (c == '\\') doubled += c;
    doubled += c;
  }
  return "E" + wrap(doubled, '\'');
}

std::string dollar_quote(std::string_view text) {
  for (int number = 0;; ++number) {
    const std::string tag = number == 0 ? "$dbtool" : "$dbtool" + std::to_string(number);
    // Searched without its closing $, so that a text that ends in "$dbtool" or in "$" cannot merge with it.
    if (text.find(tag) != std::string_view::npos) continue;
    return tag + "$" + std::string(text) + tag + "$";
  }
}

std::string array_literal(const std::vector<std::string>& values) {
  std::string literal = "{";
  for (const std::string& value : values) {
    if (literal.size() > 1) literal += ',';
    literal += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') literal += '\\';
      literal += c;
    }
    literal += '"';
  }
  return literal += '}';
}

}  // namespace dbtool::pg
