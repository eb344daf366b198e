#pragma once

#include <vector>

#include "cli/command.h"

namespace dbtool::cli {

/// The options that every command takes: where, which database, how to tell, and one for each setting.
std::vector<OptionSpec> global_options();

}  // namespace dbtool::cli
