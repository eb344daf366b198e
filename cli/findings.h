#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"
#include "model/finding.h"
#include "report/findings.h"

namespace dbtool::cli {

/// "clean", "clean, 1 note", "2 findings", "2 findings, 1 note"; notes are not findings.
std::string findings_summary(const std::vector<Finding>& findings);

/// Red errors, yellow warnings, dim notes.
report::Paint severity_paint(const Style& style);

}  // namespace dbtool::cli
