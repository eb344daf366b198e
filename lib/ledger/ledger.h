#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "model/project.h"
#include "pg/connection.h"

/// The schema `dbtool` in the database: the only memory of the program. Layer: reads and writes, no
/// decisions.
namespace dbtool::ledger {

/// Format of the ledger that this program writes.
inline constexpr int format = 7;
/// From this one on ledgers know wishes and several ranges.
inline constexpr int format_of_ranges = 2;
/// From this one on they know windows, and what runs leave for their reports.
inline constexpr int format_of_windows = 4;

/// An applied version as recorded, with what is needed to go back without its file.
struct AppliedVersion {
  int number = 0;
  std::string checksum;
  bool adopted = false;  ///< taken over with a database that had no ledger
  std::string applied_at;
};

/// What an online migration is busy with.
enum class OnlinePhase { walk, verify };

constexpr const char* to_text(OnlinePhase phase) {
  return phase == OnlinePhase::walk ? "walk" : "verify";
}

/// An online migration or downgrade that is not finished.
struct OnlineState {
  int version = 0;
  Direction direction{};
  bool declared = false;  ///< else by functions
  OnlinePhase phase = OnlinePhase::walk;
  int pass = 1;
  std::int64_t rows_done = 0;              ///< walked or moved, over all passes
  std::optional<std::int64_t> rows_total;  ///< estimated when it began
  std::int64_t rows_verified = 0;
  std::int64_t differing = 0;  ///< rows that `verify` found to differ
  std::int64_t batches = 0;    ///< of the pass under way
  int workers = 0;             ///< as the last engine said of itself
  double rows_per_second = 0;
  std::string note;
  std::string started_at, updated_at;  ///< ISO, database's clock
  std::string last_batch_at;           ///< the same; empty: there was none, or not since the pass began
  /// False: its functions are in the database, but the ledger does not know of them.
  bool recorded = true;
};

/// A version whose statements run one by one and that is not finished.
struct PartlyState {
  int version = 0;
  Direction direction{};
  int position = 0;     ///< statements that are done
  int started = 0;      ///< 1-based statement that was begun outside a transaction; 0: none
  bool turned = false;  ///< begun where the other direction had not come to its end
  std::string checksum;
  std::string content;  ///< of the version as it was begun
};

struct RunRecord {
  std::int64_t id = 0;
  std::string command;  ///< "upgrade 20"
  int from = 0;
  int goal = 0;
  std::string outcome;  ///< "running", "done", "failed", "stopped", "lost"
  std::string message;
  std::string started_at, finished_at;  ///< ISO with zone; finished_at empty while running
  double seconds = 0;                   ///< from its start to its end, or until now
  double started_epoch = 0;             ///< since 1970; 0: not known
  std::string database_user, os_user, host;
  int pid = 0;          ///< of dbtool on `host`
  int backend_pid = 0;  ///< of the connection that holds the run lock
};

struct StepRecord {
  std::int64_t run = 0;
  int version = 0;
  Direction direction{};
  std::string outcome;
  std::string started_at, finished_at;
  double seconds = 0;
  std::int64_t wal_bytes = 0;  ///< of its transaction; 0 for an online part, which has many
  double began = 0;            ///< seconds after its run began; negative: it was begun by an earlier one
};

/// Everything that a plan must know about the database.
struct State {
  bool version_table = false;
  bool ledger = false;
  int ledger_format = 0;
  std::string name;  ///< environment's name; empty: none recorded
  int version = 0;   ///< 0 when there is no version table
  std::map<int, AppliedVersion> applied;
  std::optional<OnlineState> online;
  std::optional<PartlyState> partly;
  /// The version that the ledger's last step left behind; differs from `version` when another tool moved it.
  std::optional<int> recorded_version;
};

/// Reads the state; creates nothing. Throws Error when the version table holds no row, two, or nonsense,
/// or when the ledger is of a newer format.
State read_state(pg::Connection& connection, const Settings& settings);

/// The recorded copies of versions first..last, by number; see content.h.
std::map<int, Version> read_contents(pg::Connection& connection, int first, int last);

/// The environment's name; empty: none recorded, or no ledger. One thing of the state, for commands that need
/// no more.
std::string read_name(pg::Connection& connection);

/// Newest first.
std::vector<RunRecord> read_runs(pg::Connection& connection, int limit);
std::vector<StepRecord> read_steps(pg::Connection& connection, std::int64_t run);
/// Of the runs first..last, those of each in the order in which they ended.
std::vector<StepRecord> read_steps(pg::Connection& connection, std::int64_t first, std::int64_t last);

/// Who holds the run lock right now; nullopt when nobody does.
std::optional<RunRecord> running(pg::Connection& connection);

}  // namespace dbtool::ledger
