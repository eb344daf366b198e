#pragma once

#include "docs/reference.h"
#include "model/settings.h"
#include "pg/connection.h"

namespace dbtool::docs {

/// Adds to the tables what only a database knows: the order of the columns, defaults, indexes, constraints
/// and foreign keys as the server prints them, comments. Throws Error(failed) when the database is not at the
/// newest version: facts of another version would be wrong here.
void add_live_facts(Reference& reference, pg::Connection& connection, const Settings& settings);

}  // namespace dbtool::docs
