#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.h"

namespace dbtool::report {

/// Colours the word that says how severe a finding is; the default leaves it plain.
using Paint = std::function<std::string(Severity, std::string_view)>;

/// One line a finding, worst first, each ended by a line break:
/// "error   column t.c  not null: expected not null, found nullable  schema/tables.yml:41:3  (advice)".
/// A finding with a message takes several: object, rule and place; statement; message; the safe way.
std::string to_text(const std::vector<Finding>& findings, const Paint& paint = {});

/// A JSON array of objects with severity, rule, version, object, fact, expected, found, file, line, advice,
/// column, message (made of the others where the finding has none), rewrite.
std::string to_json(const std::vector<Finding>& findings);

}  // namespace dbtool::report
