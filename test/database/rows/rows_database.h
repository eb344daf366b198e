#pragma once

#include <string>

#include "rows/contents.h"
#include "rows/fill.h"
#include "test/support/database.h"

namespace dbtool::test {

/// Text of a file of test/cases/rows.
std::string rows_case(const std::string& file);

/// Fails the test for every table that has not all its rows.
void check_filled(const std::vector<rows::Filled>& filled);

/// Has the server look again at every check and foreign key of a database.
void check_constraints(pg::Connection& connection);

/// Empties every table and starts every sequence anew.
void empty_all(pg::Connection& connection);

rows::Contents picture(const Database& database, std::int64_t most_rows = 10'000);

}  // namespace dbtool::test
