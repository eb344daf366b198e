#include "catalog/renamed_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace dbtool::catalog {
namespace {

bool is_word_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// Where what is in quotes from `at` on ends; a doubled quote begins another, which is as well.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const std::size_t end = text.find(text[at], at + 1);
  return end == std::string_view::npos ? text.size() : end + 1;
}

bool stands_at(std::string_view text, std::size_t at, std::string_view name) {
  if (!text.substr(at).starts_with(name)) return false;
  const std::size_t end = at + name.size();
  return end == text.size() || (!is_word_part(text[end]) && text[end] != '"');
}

/// Where a name that begins at `at` ends: a word or what is in quotes, and all that is joined to it by dots.
std::size_t end_of_chain(std::string_view text, std::size_t at) {
  for (;;) {
    if (at < text.size() && text[at] == '"') {
      while (at < text.size() && text[at] == '"') at = end_of_quoted(text, at);
    } else {
      while (at < text.size() && is_word_part(text[at])) ++at;
    }
    if (at >= text.size() || text[at] != '.') return at;
    ++at;
  }
}

std::string_view behind_last_dot(std::string_view name) {
  std::size_t begin = 0;
  bool in_quotes = false;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] == '"') in_quotes = !in_quotes;
    if (name[at] == '.' && !in_quotes) begin = at + 1;
  }
  return name.substr(begin);
}

/// Whether a word between `at` and `end` can only be a column.
bool is_column(std::string_view text, std::size_t at, std::size_t end) {
  const std::string_view rest = text.substr(end);
  if (rest.starts_with("(") || rest.starts_with(".") || rest.starts_with(" =>")) return false;
  if (at == 0) return true;
  const char before = text[at - 1];
  if (before == ':' || before == '.') return false;
  if (before != ' ' || at < 2) return true;
  // Keywords are written in capitals; behind another word or an expression stand operator classes, the
  // second words of types, aliases.
  const char last = text[at - 2];
  const bool is_behind_keyword = (last >= 'A' && last <= 'Z') && !text.substr(0, at).ends_with(" AS ");
  return is_behind_keyword || (!is_word_part(last) && last != ')' && last != '"' && last != ']');
}

/// What stands in a text in place of what begins where it was asked, and where what follows goes on.
struct Replacement {
  std::string text;
  std::size_t end = 0;
};

/// The text with each literal and each name, with all that is joined to it by dots, as `replace(begin, end)`
/// says; nullopt: it stays.
template <typename Replace>
std::string rewritten(std::string_view text, const Replace& replace) {
  std::string changed;
  for (std::size_t at = 0; at < text.size();) {
    const bool is_literal = text[at] == '\'';
    const bool is_name = text[at] == '"' || is_word_part(text[at]);
    const std::size_t end = is_literal ? end_of_quoted(text, at) : is_name ? end_of_chain(text, at) : at + 1;
    std::optional<Replacement> replacement;
    if (is_literal || is_name) replacement = replace(at, end);
    if (!replacement) replacement = Replacement{std::string(text.substr(at, end - at)), end};
    changed += replacement->text;
    at = replacement->end;
  }
  return changed;
}

}  // namespace

std::string with_qualified(std::string_view text, const NameChange& change) {
  const std::string alias = " " + std::string(behind_last_dot(change.to));
  return rewritten(text, [&](std::size_t at, std::size_t end) -> std::optional<Replacement> {
    if (text[at] == '\'') {
      const bool names_it = text.substr(at, end - at) == "'" + change.from + "'";
      if (!names_it || !text.substr(end).starts_with("::regclass")) return std::nullopt;
      return Replacement{"'" + change.to + "'", end};
    }
    if (!stands_at(text, at, change.from)) return std::nullopt;
    std::size_t behind = at + change.from.size();
    if (behind == end && stands_at(text, behind, alias)) behind += alias.size();
    end = std::max(behind, end);
    return Replacement{change.to + std::string(text.substr(behind, end - behind)), end};
  });
}

std::string with_table_of_columns(std::string_view text, const NameChange& change) {
  return rewritten(text, [&](std::size_t at, std::size_t end) -> std::optional<Replacement> {
    if (!text.substr(at, end - at).starts_with(change.from + ".")) return std::nullopt;
    const std::size_t behind = at + change.from.size();
    return Replacement{change.to + std::string(text.substr(behind, end - behind)), end};
  });
}

std::string with_column(std::string_view text, const NameChange& change) {
  if (text.find("SELECT") != std::string_view::npos) return std::string(text);
  return rewritten(text, [&](std::size_t at, std::size_t end) -> std::optional<Replacement> {
    if (text.substr(at, end - at) != change.from || !is_column(text, at, end)) return std::nullopt;
    return Replacement{change.to, end};
  });
}

std::string with_key_column(std::string_view text, const NameChange& change, bool in_own,
                            bool in_referenced) {
  const auto part = [&](std::string_view piece, bool is_changed) {
    return is_changed ? with_column(piece, change) : std::string(piece);
  };
  const std::size_t references = text.find(") REFERENCES ");
  if (references == std::string_view::npos) return part(text, in_own);
  const std::size_t open = text.find('(', references);
  const std::size_t close = open == std::string_view::npos ? open : text.find(')', open);
  if (close == std::string_view::npos) return std::string(text);
  return part(text.substr(0, references), in_own) + std::string(text.substr(references, open - references)) +
         part(text.substr(open, close - open), in_referenced) + part(text.substr(close), in_own);
}

}  // namespace dbtool::catalog
