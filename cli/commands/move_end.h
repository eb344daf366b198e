#pragma once

#include <string>
#include <vector>

#include "check/check.h"
#include "cli/context.h"
#include "run/run.h"
#include "run/window_guard.h"

namespace dbtool::cli {

/// How a walk ended.
struct MoveEnd {
  int at = 0;  ///< version that the database is at
  std::string headline;
  std::vector<std::string> lines;  ///< that follow it, for people
  std::vector<Finding> findings;   ///< that are new
  check::Outcome outcome;          ///< of the last check
  std::string next;                ///< what to do; empty: nothing
  std::optional<run::Overrun> overrun{};
};

/// Shows it as the command's result.
void print_end(Context& context, const run::Run& run, const MoveEnd& end);

/// The end of a walk whose step did not fit the window. `state`: the line that says where the database is.
MoveEnd turned_back(run::Run& run, const run::Overrun& overrun, const std::string& state, int at,
                    std::vector<Finding> findings, check::Outcome outcome);

}  // namespace dbtool::cli
