#include "check/body.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "sql/type.h"

namespace dbtool::check {
namespace {

constexpr std::size_t longest_line = 80;

std::string shown(int number, const std::vector<std::string_view>& lines, std::size_t index) {
  if (index >= lines.size()) return "no line " + std::to_string(number);
  std::string line(trim(lines[index]));
  if (line.size() > longest_line) {
    std::size_t end = longest_line;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    line = line.substr(0, end) + "…";
  }
  return "line " + std::to_string(number) + ": " + line;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789-") == std::string::npos;
}

/// Constants differ when both are plain integers or both are plain text; a date, a number with a fraction and
/// a boolean have several spellings.
bool constant_differs(const std::string& expected, const std::string& found) {
  if (expected == found || expected == "…" || found == "…") return false;
  if (expected == "null" || found == "null") return true;
  if (is_number(expected) && is_number(found)) return true;
  const auto is_word = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  };
  const auto is_boolean = [](const std::string& text) { return text == "true" || text == "false"; };
  if (is_boolean(expected) != is_boolean(found)) return false;
  return is_word(expected) && is_word(found);
}

}  // namespace

std::optional<BodyDifference> first_difference(std::string_view expected, std::string_view found) {
  if (expected == found) return std::nullopt;
  const std::string_view wanted = trim(expected);
  const auto leading = static_cast<std::size_t>(wanted.data() - expected.data());
  const std::vector<std::string_view> wanted_lines = split_lines(wanted);
  const std::vector<std::string_view> found_lines = split_lines(trim(found));
  std::size_t line = 0;
  while (line < wanted_lines.size() && line < found_lines.size() && wanted_lines[line] == found_lines[line])
    ++line;
  if (line == wanted_lines.size() && line == found_lines.size()) return std::nullopt;
  const auto skipped =
      std::count(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(leading), '\n');
  const int number = static_cast<int>(line) + static_cast<int>(skipped) + 1;
  BodyDifference difference{shown(number, wanted_lines, line), shown(number, found_lines, line),
                            expected.size()};
  if (line < wanted_lines.size()) {
    difference.offset = static_cast<std::size_t>(wanted_lines[line].data() - expected.data());
  }
  return difference;
}

bool defaults_differ(std::string_view expected, std::string_view found) {
  if (expected == found) return false;
  const std::vector<std::string> wanted = sql::canonical_defaults(expected);
  const std::vector<std::string> there = sql::canonical_defaults(found);
  if (wanted.empty() || there.empty()) return expected.empty() != found.empty();
  if (wanted.size() != there.size()) return true;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (constant_differs(wanted[i], there[i])) return true;
  }
  return false;
}

}  // namespace dbtool::check
