#pragma once

#include <string>
#include <vector>

#include "lint/script.h"
#include "model/finding.h"
#include "pg/connection.h"

namespace dbtool::lint {

/// What the server's planner says of the batches of one version.
struct Explained {
  std::vector<Finding> findings{};   ///< of rule "online-batch-scans"
  std::vector<std::string> notes{};  ///< what could not be explained, and why
  int statements = 0;                ///< that were explained

  void add(Explained more);
};

/// Asks for the plans of a version's online batches, and finds those that scan the walked table instead of
/// using its key. The connection stands at the version: behind its transaction, before the rows have moved;
/// where a table is missing, a note says so. Nothing is executed: `explain` without `analyze`, in a read-only
/// transaction, which must not be open yet. Of a small or empty table it asks whether the key could be used.
/// Throws PgError only when the connection is lost.
Explained explain_batches(pg::Connection& connection, const Version& version, Direction direction);

}  // namespace dbtool::lint
