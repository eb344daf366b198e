#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace dbtool::cli {

/// A command line, understood.
struct Invocation {
  const Command* command = nullptr;  ///< nullptr: only --help or --version was asked for, or nothing at all
  Arguments arguments;
};

/// Sorts `words` (without the program's name) into command, options and operands, by the two tables. Global
/// options may stand before and after the command. Throws Error(usage) that names the nearest right word for
/// a wrong one. Options and operands that are required are not asked for when --help is given.
Invocation parse(const std::vector<Command>& commands, const std::vector<OptionSpec>& global_options,
                 const std::vector<std::string>& words);

}  // namespace dbtool::cli
