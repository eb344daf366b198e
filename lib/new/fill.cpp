#include "new/fill.h"

#include <algorithm>

#include "base/text.h"

namespace dbtool {

namespace {

constexpr std::size_t longest_line = 116;

/// Where to break a line that is too long: behind the last comma that fits, else before the last `and`.
std::size_t break_of(std::string_view line, std::size_t indentation) {
  for (const std::string_view mark : {", ", " and "}) {
    std::size_t at = line.rfind(mark, longest_line);
    if (at == std::string_view::npos || at <= indentation) at = line.find(mark, longest_line);
    if (at != std::string_view::npos && at > indentation) return mark == ", " ? at + 1 : at;
  }
  return std::string_view::npos;
}

std::string broken(std::string line) {
  std::string text;
  const std::size_t indentation = std::min(line.find_first_not_of(' '), line.size());
  const bool comment = line.compare(indentation, 1, "#") == 0 || line.compare(indentation, 2, "--") == 0;
  while (!comment && line.size() > longest_line) {
    const std::size_t at = break_of(line, indentation + 2);
    if (at == std::string::npos) break;
    text += line.substr(0, at) + "\n";
    line = std::string(indentation + 2, ' ') + std::string(trim(std::string_view(line).substr(at)));
  }
  return text + line;
}

std::string fill_line(std::string_view line, const Blanks& blanks) {
  std::string filled;
  std::size_t from = 0;
  for (std::size_t at = line.find("@{"); at != std::string_view::npos; at = line.find("@{", from)) {
    const std::size_t end = line.find('}', at);
    filled += line.substr(from, at - from);
    const std::string indentation(filled.find_first_not_of(' ') == std::string::npos ? filled.size() : 0,
                                  ' ');
    for (const char c : blanks.find(line.substr(at + 2, end - at - 2))->second) {
      filled += c;
      if (c == '\n') filled += indentation;
    }
    from = end + 1;
  }
  return filled + std::string(line.substr(from));
}

}  // namespace

std::string fill_blanks(std::string_view text, const Blanks& blanks) {
  std::string filled;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string whole = fill_line(line, blanks);
    if (trim(whole).empty() && !trim(line).empty()) continue;
    for (std::string_view rest = whole; !rest.empty() || whole.empty();) {
      const std::size_t break_at = rest.find('\n');
      filled += broken(std::string(rest.substr(0, break_at))) + "\n";
      if (break_at == std::string_view::npos) break;
      rest.remove_prefix(break_at + 1);
    }
  }
  return filled;
}

}  // namespace dbtool
