#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/connection.h"
#include "rows/scope.h"

namespace dbtool::rows {

struct FillRequest {
  Scope scope{};
  int rows = 5;  ///< for each table
  std::uint64_t seed = 1;
  /// Also values at the borders of their types, infinite times, empty and odd texts. Without them values are
  /// such as people store.
  bool edge_values = true;
  bool leave_filled = false;  ///< tables that hold rows get no more
  /// Without, no trigger fires, nor is any foreign key looked at by the server (the keys are right all the
  /// same); takes a superuser.
  bool fire_triggers = true;
};

/// What became of a table, or of a partition that got no row.
struct Filled {
  std::string table;      ///< without `public`
  std::int64_t rows = 0;  ///< made now
  std::string reason{};   ///< why there are fewer than asked for; empty: there are not
  bool was_left = false;  ///< it held rows, and was to be left alone
};

/// Puts generated rows into every table of the scope, through the root of partitioned ones, and commits. Rows
/// fulfil what the schema demands, as far as they could be found; a table for which that fails is told with
/// the reason, and fails nothing else. The same seed and schema give the same rows, but for what triggers and
/// the like add. The connection must have no transaction open and see all rows (a superuser or the owner
/// without row security). Throws pg::PgError when the connection breaks.
std::vector<Filled> fill(pg::Connection& connection, const FillRequest& request);

}  // namespace dbtool::rows
