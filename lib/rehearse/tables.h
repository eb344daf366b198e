#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/rehearsal.h"
#include "pg/connection.h"

namespace dbtool::rehearse {

/// A table between two steps.
struct TableState {
  std::string name;        ///< qualified unless it is in public
  std::int64_t file = 0;   ///< that its rows are in; another one: it was rewritten
  std::int64_t rows = -1;  ///< as the planner knows; -1: it does not
  std::int64_t bytes = 0, index_bytes = 0;
  std::int64_t dead_rows = 0;
  std::int64_t inserted = 0, updated = 0, deleted = 0, read_by_scans = 0;  ///< since statistics were reset
};

/// What the server counts for a whole database.
struct Counters {
  std::int64_t temporary_bytes = 0;
  std::int64_t blocks_read = 0, blocks_hit = 0;
  std::int64_t wal_position = 0;
  std::int64_t database_bytes = 0;
  int others = 0;  ///< sessions in it that are none of dbtool's
};

/// A database between two steps.
struct DatabaseState {
  std::map<std::int64_t, TableState> tables;  ///< by their OIDs
  Counters counters;
};

/// Reads it on the connection that the steps run on, whose own statistics are in it then (for which
/// PostgreSQL 14 is waited for, 1.2 s). No transaction may be open.
DatabaseState read_state(pg::Connection& connection);

/// Bytes of the database that the connection is on, files of all open transactions included.
std::int64_t read_database_bytes(pg::Connection& connection);

/// What has become of the tables that are not as they were, or were read through; largest first. `walked`:
/// one that is known to be read through, although those who did may not have told of it yet; empty: none.
std::vector<TableCost> table_costs(const DatabaseState& before, const DatabaseState& after,
                                   const std::string& walked = {});

}  // namespace dbtool::rehearse
