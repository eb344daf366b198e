#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/finding.h"

namespace dbtool::report {

/// Text that may be shown: passwords in URLs, in `password=…` and after `password '` are masked.
std::string without_secrets(std::string_view text);

/// The same, in well-formed UTF-8.
std::string presentable_text(std::string_view text);

/// The findings as a reader may see them, every text without secrets and in well-formed UTF-8; in an order
/// that depends on nothing but them: by file, line, column, version, object, rule.
std::vector<Finding> presentable(const std::vector<Finding>& findings);

}  // namespace dbtool::report
