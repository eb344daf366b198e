#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace dbtool::cli {

/// Rows under their headers, columns aligned; a column whose cells are all numbers is aligned to the right.
std::string render_table(const std::vector<std::string>& headers,
                         const std::vector<std::vector<std::string>>& rows, const Style& style);

}  // namespace dbtool::cli
