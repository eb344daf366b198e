#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace dbtool::cli {

/// `dbtool --help`: all commands, global options, two examples.
std::string general_help(const std::vector<Command>& commands, const std::vector<OptionSpec>& global_options);

/// `dbtool COMMAND --help`: operands, options, two examples.
std::string command_help(const Command& command);

}  // namespace dbtool::cli
