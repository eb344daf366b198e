#pragma once

#include <string>
#include <vector>

#include "model/finding.h"
#include "model/settings.h"

namespace dbtool::check {

/// A finding, and what ignore rules may know it by.
struct Judged {
  Finding finding;
  std::string kind;                ///< "table", "column", "grant", "user", "function"
  std::vector<std::string> names;  ///< an ignore rule's pattern fits when it fits one of them
  std::string sql{};               ///< statements that mend it, where no full catalog knows of it; mostly ""
};

/// Whether `name` fits a pattern of `*` (any characters) and `?` (one character).
bool fits(std::string_view pattern, std::string_view name);

/// The first rule that fits; nullptr: none.
const IgnoreRule* ignored_by(const std::vector<IgnoreRule>& rules, const Judged& judged);

}  // namespace dbtool::check
