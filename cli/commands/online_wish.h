#pragma once

#include <vector>

#include "cli/command.h"
#include "run/execute.h"

namespace dbtool::cli {

/// Options that say how online parts are to run.
std::vector<OptionSpec> online_options();

/// What they say. Throws Error (usage).
run::OnlineWish online_wish(const Arguments& arguments);

}  // namespace dbtool::cli
