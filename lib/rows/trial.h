#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace dbtool::rows {

/// What came of a statement that was tried.
struct Outcome {
  bool was_tried = false;
  std::int64_t rows = 0;
  std::string sqlstate{};  ///< empty: it worked
  std::string constraint{};
  std::string message{};
};

/// Runs statements one by one in one round trip, each in a subtransaction of its own, until `wanted` rows
/// were touched; the failed ones leave nothing behind. Inside a transaction. A statement that fails in a way
/// that no subtransaction holds (a lost connection, a cancel) throws pg::PgError.
std::vector<Outcome> try_each(pg::Connection& connection, const std::vector<std::string>& statements,
                              std::int64_t wanted);

/// Which of the queries for one boolean give true or null, as a check does; one that fails does not hold. One
/// round trip.
std::vector<bool> which_hold(pg::Connection& connection, const std::vector<std::string>& queries);

}  // namespace dbtool::rows
