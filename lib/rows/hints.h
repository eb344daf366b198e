#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::rows {

/// What an expression compares columns with: where to look for values that fulfil it.
struct Hints {
  std::set<std::string> columns;     ///< as named in the expression
  std::vector<std::string> numbers;  ///< as written
  std::vector<std::string> strings;
  std::vector<std::string> patterns;  ///< regular expressions
  std::vector<std::string> likes;     ///< patterns of `like`
};

/// One entry for every comparison that the expression joins with and, or, not. Empty when the parser does not
/// know the expression.
std::vector<Hints> read_hints(const std::string& expression);

/// A text that the regular expression matches, as far as its syntax is known (no look-around, no references):
/// repeats and choices go by `choice`, so that several choices give several texts.
std::string sample_pattern(std::string_view pattern, unsigned choice);
/// The same of a pattern of `like`.
std::string sample_like(std::string_view pattern, unsigned choice);

}  // namespace dbtool::rows
