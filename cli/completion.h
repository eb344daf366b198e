#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace dbtool::cli {

/// What the scripts complete from: the same tables that the parser works on.
struct Grammar {
  const std::vector<Command>& commands;
  const std::vector<OptionSpec>& global_options;
};

/// Completion scripts. Values that depend on the project (versions, targets, functions, releases) are asked
/// from `dbtool completion --words KIND` when they are needed.
std::string bash_completion(const Grammar& grammar);
std::string zsh_completion(const Grammar& grammar);
std::string fish_completion(const Grammar& grammar);

/// The KIND of `--words` for values that depend on the project; "" for others.
std::string words_kind(Completes completes);

}  // namespace dbtool::cli
