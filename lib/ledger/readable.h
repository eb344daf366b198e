#pragma once

#include <string>
#include <vector>

#include "pg/connection.h"
#include "pg/error.h"

namespace dbtool::ledger {

/// Whether all these tables of the ledger, named without their schema, are there (an older ledger lacks some)
/// and the user may read them: rights may have been given before a table was made. For what is told to
/// people; where a run decides by a table, the server's refusal must be heard.
bool are_readable(pg::Connection& connection, const std::vector<std::string>& tables);

/// Tables of the ledger that are there and that the user may not read, with their schema, by name. Empty
/// where there is no ledger.
std::vector<std::string> unreadable_tables(pg::Connection& connection);

/// Throws the server's refusal to show the user what dbtool keeps in the database, with the rights that are
/// missing; any other error as it is. To be called where it was caught.
[[noreturn]] void rethrow_unreadable(const pg::Connection& connection, const pg::PgError& error);

}  // namespace dbtool::ledger
