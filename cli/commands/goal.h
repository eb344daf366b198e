#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "model/project.h"

namespace dbtool::cli {

/// The goal that was asked for by number or by --to-release; nullopt when neither was given. Throws
/// Error(usage).
std::optional<int> goal_of(const Arguments& arguments, const Project& project);

/// "1 step", "2 steps".
std::string plural(std::size_t count, const std::string& noun);

}  // namespace dbtool::cli
