#pragma once

#include "model/environment.h"
#include "pg/connection.h"

namespace dbtool::window {

/// What the server and the database of a connection are like, as far as it matters to the time that a
/// migration takes. Reads only, takes no lock that anybody feels, and waits at most two seconds for one:
/// sizes of tables are the planner's then. Without a benchmark: `measures` stays empty. `name` and `version`
/// are the caller's to fill in. The connection must have no transaction open. Throws pg::PgError.
Environment fingerprint(pg::Connection& connection);

/// When the server was started, as Environment has it. Throws pg::PgError.
std::string server_started(pg::Connection& connection);

/// The tables alone, largest first.
std::vector<MeasuredTable> measured_tables(pg::Connection& connection);

}  // namespace dbtool::window
