#pragma once

#include "base/interrupt.h"
#include "model/project.h"
#include "pg/connection.h"
#include "run/plan.h"
#include "run/preflight.h"
#include "run/window_rules.h"

namespace dbtool::run {

/// What speaks against beginning `plan` in a window, beside what run::preflight finds: freezes and hours, the
/// age of the last backup, replicas and slots, open transactions that hold none of the plan's tables yet.
/// Nothing keeps from the way back: for a downgrade all are warnings. Reads only. Throws Error (stopped) when
/// a stop is wished while the team's own query runs.
Preflight window_preflight(pg::Connection& connection, const Project& project, const Plan& plan,
                           const WindowSpan& span, const InterruptCount& interrupts = {});

}  // namespace dbtool::run
