#pragma once

#include <string>
#include <vector>

#include "cli/context.h"

namespace dbtool::cli {

/// `dbtool environment probe [VERSION]`.
ExitCode probe_environment(Context& context, const std::vector<std::string>& operands);

}  // namespace dbtool::cli
