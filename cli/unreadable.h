#pragma once

#include "cli/context.h"
#include "pg/connection.h"

namespace dbtool::cli {

/// A warning that names what of the ledger this user may not read, if there is such: it is missing in what is
/// shown.
void warn_of_unreadable(const Context& context, pg::Connection& connection);

}  // namespace dbtool::cli
