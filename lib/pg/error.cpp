#include "pg/error.h"

#include <algorithm>
#include <cctype>

namespace dbtool::pg {

namespace {

constexpr std::string_view password_word = "password";

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

std::size_t skip_space(std::string_view sql, std::size_t at) {
  while (at < sql.size() && std::isspace(static_cast<unsigned char>(sql[at])) != 0) ++at;
  return at;
}

std::size_t find_word(std::string_view sql, std::size_t from) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto start = sql.begin() + static_cast<std::ptrdiff_t>(from);
  return static_cast<std::size_t>(
      std::search(start, sql.end(), password_word.begin(), password_word.end(), same) - sql.begin());
}

/// Where the literal that starts at `at` begins and ends inside its quotes; {0, 0} when there is none.
std::pair<std::size_t, std::size_t> literal_at(std::string_view sql, std::size_t at) {
  const bool escapes = at < sql.size() && (sql[at] == 'E' || sql[at] == 'e');
  if (escapes) ++at;
  if (at >= sql.size()) return {0, 0};
  if (sql[at] == '$') {
    const std::size_t tag_end = sql.find('$', at + 1);
    if (tag_end == std::string_view::npos) return {0, 0};
    const std::string_view tag = sql.substr(at, tag_end - at + 1);
    return {tag_end + 1, std::min(sql.find(tag, tag_end + 1), sql.size())};
  }
  if (sql[at] != '\'') return {0, 0};
  std::size_t end = at + 1;
  while (end < sql.size()) {
    const bool doubled = sql[end] == '\'' && end + 1 < sql.size() && sql[end + 1] == '\'';
    if (sql[end] == '\'' && !doubled) break;
    end += doubled || (escapes && sql[end] == '\\') ? 2 : 1;
  }
  return {at + 1, std::min(end, sql.size())};
}

}  // namespace

std::string mask_password_literals(std::string_view sql) {
  std::string masked;
  std::size_t copied = 0;
  for (std::size_t at = find_word(sql, 0); at < sql.size(); at = find_word(sql, at)) {
    const bool starts = at == 0 || !is_word_character(sql[at - 1]);
    at += password_word.size();
    if (!starts) continue;
    const auto [begin, end] = literal_at(sql, skip_space(sql, at));
    if (begin == 0) continue;
    masked += sql.substr(copied, begin - copied);
    // One asterisk a character, not a byte: positions in the statement stay right.
    masked.append(
        static_cast<std::size_t>(std::count_if(
            sql.begin() + static_cast<std::ptrdiff_t>(begin), sql.begin() + static_cast<std::ptrdiff_t>(end),
            [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })),
        '*');
    copied = at = end;
  }
  masked += sql.substr(copied);
  return masked;
}

std::string to_text(const ErrorFields& fields) {
  std::string text = fields.severity;
  if (!fields.sqlstate.empty()) text += (text.empty() ? "" : " ") + fields.sqlstate;
  if (!text.empty()) text += ": ";
  return text + fields.message;
}

PgError::PgError(ExitCode exit_code, ErrorFields fields, std::string advice)
    : Error(exit_code, to_text(fields), std::move(advice)), fields_(std::move(fields)) {}

bool PgError::is_connection_lost() const {
  const std::string& state = fields_.sqlstate;
  return fields_.connection_lost || state.starts_with("08") || state == "57P01" || state == "57P02" ||
         state == "57P03" || fields_.severity == "FATAL" || fields_.severity == "PANIC";
}

}  // namespace dbtool::pg
