#pragma once

#include "model/settings.h"
#include "pg/connection.h"
#include "run/preflight.h"

namespace dbtool::run {

/// Replicas that are not streaming or far behind, and slots that hold back WAL for nobody: they would hold
/// that of the whole migration; and replicas that cannot be seen for want of pg_monitor. Problems where
/// `window: replicas:` demands otherwise, else warnings, by the limits of the throttle's `lag`.
Preflight check_replicas(pg::Connection& connection, const Settings& settings);

}  // namespace dbtool::run
