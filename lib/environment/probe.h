#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "ledger/ledger.h"
#include "ledger/probes.h"
#include "ledger/session.h"
#include "model/project.h"
#include "pg/connection.h"

/// What a version's own work costs a row in this very database: done on some rows and rolled back.
namespace dbtool::environment {

struct ProbeOptions {
  ledger::Session session;
  std::string user_prefix;
  std::int64_t rows = 10'000;  ///< of each large table
  /// For everything; no statement is begun after it, and the one at work is cancelled.
  std::chrono::milliseconds limit{30'000};
  std::chrono::milliseconds lock_timeout{300};
};

/// One piece of the work, measured: a statement on some pages of its table, or on all that it needs.
struct Portion {
  std::int64_t rows = 0;  ///< of the sampled table; 0: none is sampled
  double seconds = 0;
  /// The same once more, everything in memory and the pages in the log already: where the first time was
  /// taken back. In a whole run most rows meet pages that an earlier row has met.
  std::optional<double> again_seconds{};
  std::int64_t wal_bytes = 0;
  std::int64_t again_wal_bytes = 0;
  std::int64_t full_pages = 0;                   ///< written whole into the log; 0 where not counted
  std::int64_t blocks_hit = 0, blocks_read = 0;  ///< 0 where `counts_blocks` is not set
};

/// A statement of the version, and what it cost.
struct ProbedStatement {
  std::string text;               ///< on one line, cut off
  bool of_batch = false;          ///< of the online part; else of the script
  std::string not_probed;         ///< why it was not run, or not to its end; empty: it was
  bool takes_time = true;         ///< whether what was not probed would take time that grows with rows
  bool builds_index = false;      ///< what was not probed is that alone
  std::string table;              ///< whose rows were sampled; empty: it ran as it stands
  std::int64_t table_rows = 0;    ///< that this table has, as the planner knows
  std::vector<Portion> portions;  ///< each from another place of the table
  bool counts_blocks = false;  ///< else it ran inside of a block, where only the server's log is seen to grow
  double low = 0, high = 0;    ///< seconds for all rows
  /// Of the whole run, where `again_seconds` are known: pages that are met for the first time, a row; fewest,
  /// and with every checkpoint anew.
  double fewest_first_pages = 0, most_first_pages = 0;

  std::int64_t rows() const;
  double seconds() const;
};

struct Probe {
  int version = 0;
  std::string checksum;
  std::vector<ProbedStatement> statements;  ///< of the script, then the online part's batch
  std::vector<std::string> remarks;         ///< what a rollback does not undo, and what is not known
  std::chrono::milliseconds duration{};
};

/// Throws Error when nothing may be probed here and now: a standby or read-only database, another dbtool at
/// work, an unfinished version; a version that is not pending, has neither script nor batches, or runs
/// outside of transactions. Reads only.
void refuse_probe(pg::Connection& connection, const Project& project, const ledger::State& state,
                  int version);

/// What a probe of that version would leave behind, and what others may feel of it: sentences, for who must
/// allow it. Reads only.
std::vector<std::string> foresee_probe(pg::Connection& connection, const Version& version,
                                       const ProbeOptions& options);

/// Does the version's work on rows from places all over its large tables, in one transaction on a connection
/// of its own that is rolled back whatever happens, and reckons what it costs on all rows. Waits no longer
/// than `lock_timeout` for anybody. Throws Error (stopped) when a stop is wished, pg::PgError.
Probe run_probe(const pg::Address& address, const Version& version, const ProbeOptions& options, Clock& clock,
                const Observer& observer, const InterruptCount& interrupts);

/// What is kept for forecasts, without statements: of the script, and of the online part if there is one.
std::vector<ledger::ProbeRecord> records_of(const Probe& probe);

}  // namespace dbtool::environment
