#pragma once

#include "pg/connection.h"
#include "window/disk.h"

namespace dbtool::window {

/// What keeps the server's log from being written over: settings, replication slots, the archiver.
LogKeeping read_log_keeping(pg::Connection& connection);

}  // namespace dbtool::window
