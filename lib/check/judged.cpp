#include "check/judged.h"

#include <algorithm>

namespace dbtool::check {

bool fits(std::string_view pattern, std::string_view name) {
  // On a mismatch the last star takes one character more: linear in practice, never exponential.
  std::size_t p = 0, n = 0, star = std::string_view::npos, star_end = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_end;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

const IgnoreRule* ignored_by(const std::vector<IgnoreRule>& rules, const Judged& judged) {
  for (const IgnoreRule& rule : rules) {
    if (rule.kind != judged.kind) continue;
    if (std::any_of(judged.names.begin(), judged.names.end(),
                    [&](const std::string& name) { return fits(rule.name, name); })) {
      return &rule;
    }
  }
  return nullptr;
}

}  // namespace dbtool::check
