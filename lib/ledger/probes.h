#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/event.h"
#include "ledger/session.h"
#include "pg/connection.h"

namespace dbtool::ledger {

/// What of a version's work a probe could not measure.
enum class ProbeLacks {
  nothing,  ///< that takes time
  builds,   ///< index builds alone
  work,     ///< something else that goes through rows
};

/// What a probe found: a version's own work on some rows of this very database, reckoned up to all of them.
struct ProbeRecord {
  int version = 0;
  Direction direction = Direction::upgrade;
  bool online = false;          ///< of the version's online part, else of its script
  std::string checksum{};       ///< of the version as it was probed
  std::string made_at{};        ///< ISO, database's clock; when read
  std::string table{};          ///< the largest of those whose rows were probed; empty: none is large
  std::int64_t table_rows = 0;  ///< that it had then, as the planner knew
  std::int64_t rows = 0;        ///< of it that were probed
  double low = 0, high = 0;     ///< seconds for all rows that there were; online: of one pass, in one session
  std::string missing{};        ///< what is not in them, in words; empty: nothing
  ProbeLacks lacks{};
  std::string statements = "[]";  ///< each statement as in the command's output, JSON
};

/// Keeps it, in a transaction of its own, with the newest ten of its version, direction and part; older ones
/// are deleted. The ledger must be of this program's format.
void record(pg::Connection& connection, const Session& session, const ProbeRecord& probe);

/// The newest of each version, direction and part, without their statements. Nothing where the ledger is
/// older than probes, where there is none, and where the user may not read them.
std::vector<ProbeRecord> read_probes(pg::Connection& connection);

}  // namespace dbtool::ledger
