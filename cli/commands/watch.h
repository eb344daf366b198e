#pragma once

#include <functional>

#include "cli/context.h"

namespace dbtool::cli {

/// Calls `print` every 2 s until it is interrupted, on a terminal each time on an empty screen. A database
/// that cannot be reached is asked again.
ExitCode watch(Context& context, const std::function<void(pg::Connection&)>& print);

}  // namespace dbtool::cli
