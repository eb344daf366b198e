#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pg/connection.h"
#include "rows/scope.h"

namespace dbtool::rows {

struct MultiplyRequest {
  Scope scope{};
  std::map<std::string, std::int64_t> rows{};  ///< that a table is to hold, by its name without `public`
  /// Told after each of the statements, some 100,000 rows long, how many rows the table holds by now. What it
  /// throws ends the whole.
  std::function<void(const std::string& table, std::int64_t rows)> progress{};
};

/// What became of a table.
struct Multiplied {
  std::string table;      ///< without `public`
  std::int64_t rows = 0;  ///< that it holds now
  std::string reason{};   ///< why they are fewer than asked for; empty: they are not
};

/// Fills tables from the rows that they hold already: copies of them with keys of their own, which look like
/// those they were copied from (text keeps its length and which characters are digits, small and capital
/// letters; numbers and times go on), also where a key stands in another column of its row, in JSON for
/// instance. Foreign keys are spread over the rows of their targets, which are filled before. What checks
/// demand holds, since the server judges every row. Commits each statement; fires no trigger, for which it
/// takes a superuser. A table that cannot be filled is told with the reason; one that is not there, too.
/// The connection must have no transaction open. Throws pg::PgError when the connection breaks.
std::vector<Multiplied> multiply(pg::Connection& connection, const MultiplyRequest& request);

}  // namespace dbtool::rows
