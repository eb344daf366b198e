#pragma once

#include "cli/command.h"
#include "cli/context.h"
#include "run/plan.h"

namespace dbtool::cli {

/// Options that upgrade, downgrade and plan have in common.
std::vector<OptionSpec> move_options();

/// Carries the database to a goal, up or down: the whole walk of `dbtool upgrade` and `dbtool downgrade`,
/// from the lock to the last check.
/// `goal`: where it is known already; else as the arguments say.
ExitCode move(Context& context, const Arguments& arguments, Direction direction,
              std::optional<int> goal = std::nullopt);

/// Prints the plan and its exact SQL; `direction` nullopt: whichever way the goal lies. Changes nothing.
ExitCode print_plan(Context& context, const Arguments& arguments, std::optional<Direction> direction);

}  // namespace dbtool::cli
