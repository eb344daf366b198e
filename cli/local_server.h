#pragma once

#include "cli/context.h"
#include "pg/local.h"

namespace dbtool::cli {

/// The private server of the project (--local): found, started or made, with the sort order that the settings
/// ask for, and the service users made.
pg::LocalServer start_local_server(Context& context);

}  // namespace dbtool::cli
