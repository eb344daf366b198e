#pragma once

#include "cli/context.h"
#include "run/window_guard.h"

namespace dbtool::cli {

/// The person at the terminal, who is asked while the work goes on: "back" or "go" ends the question.
run::Adviser adviser(Context& context);

}  // namespace dbtool::cli
