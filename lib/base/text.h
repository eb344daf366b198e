#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool {

/// `text` without white space at both ends.
std::string_view trim(std::string_view text);

/// The lines of `text` without their ends (LF or CRLF); a last line that is empty is left out.
std::vector<std::string_view> split_lines(std::string_view text);

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// ASCII letters in lower case; other bytes as they are.
std::string to_lower(std::string_view text);

/// Parts joined with `separator` between them.
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Offset of the first byte that is not part of well-formed UTF-8; npos when all is well.
std::size_t find_invalid_utf8(std::string_view text);
inline bool is_utf8(std::string_view text) {
  return find_invalid_utf8(text) == std::string_view::npos;
}

/// Number of characters of well-formed UTF-8.
std::size_t count_characters(std::string_view text);

/// The text on one line, blanks and line ends as one blank each, cut off with "…" after so many characters.
std::string excerpt(std::string_view text, std::size_t characters);

/// Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`; case does not count.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// How far `candidate` is from a mistyped `word`; nullopt when too far to be what was meant.
std::optional<std::size_t> closeness(std::string_view word, std::string_view candidate);

/// The candidate that a mistyped `word` most likely meant; nullopt when none is near.
template <typename Range>
std::optional<std::string> nearest_word(std::string_view word, const Range& candidates) {
  std::optional<std::string> nearest;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const auto& candidate : candidates) {
    const auto distance = closeness(word, candidate);
    if (!distance || *distance >= least) continue;
    least = *distance;
    nearest = std::string(candidate);
  }
  return nearest;
}

/// A clause to append to a complaint: "; did you mean CANDIDATE?", or "" when none is near.
template <typename Range>
std::string did_you_mean(std::string_view word, const Range& candidates) {
  const auto nearest = nearest_word(word, candidates);
  return nearest ? "; did you mean " + *nearest + "?" : "";
}

}  // namespace dbtool
