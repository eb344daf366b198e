#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "check/check.h"
#include "ledger/ledger.h"
#include "ledger/online.h"
#include "model/project.h"
#include "pg/connection.h"

/// What a person asks first: where is the database, what is to come, who is at work. Reads only.
namespace dbtool::status {

/// How heavy a version is.
enum class PendingKind {
  methods_only,
  quick,   ///< a script that handles few rows
  slow,    ///< a script that handles many rows, or an unknown number of them, or runs statement by statement
  online,  ///< moves rows while the services go on
};

const char* to_text(PendingKind kind);

/// How long a step will take, in seconds, as a range.
struct Estimate {
  double low = 0;
  double high = 0;
  std::string source;  ///< where it comes from, for people
};

/// A version that is still to be applied.
struct Pending {
  int version = 0;
  std::string description;
  PendingKind kind{};
  std::optional<std::int64_t> rows;  ///< of the largest table that the script names, as the planner knows it
  std::optional<Estimate> estimate;
};

/// An online migration or downgrade that is not finished.
struct OnlineProgress {
  ledger::OnlineState state;
  ledger::Control control;
  double rows_per_second = 0;         ///< since it began
  std::optional<double> age_seconds;  ///< since its last batch; nullopt: there was none yet
  /// About how many rows there are to handle: as estimated when it began, or those of the largest table that
  /// its script names (a batch may take rows away from there or leave them: between this less those done and
  /// all of this is left).
  std::optional<std::int64_t> rows_total;
  std::optional<Estimate> left;

  bool verifies() const { return state.phase == ledger::OnlinePhase::verify; }
  /// Of the phase it is in.
  std::int64_t rows_done() const { return verifies() ? state.rows_verified : state.rows_done; }
};

struct Status {
  std::string name;  ///< environment's name; empty: none known
  int version = 0;
  int newest = 0;
  std::vector<Pending> pending;
  std::vector<Release> may_run;
  std::optional<OnlineProgress> online;
  std::optional<ledger::PartlyState> partly;
  std::optional<ledger::RunRecord> running;
  std::optional<ledger::RunRecord> last_run;
  std::vector<int> changed;       ///< applied versions whose files say something else now
  std::optional<int> moved_from;  ///< what the ledger recorded, when another tool moved the version
  std::optional<check::Outcome> check;
};

/// How heavy `version` is in a database whose tables hold `rows`.
PendingKind kind_of(const Version& version, std::optional<std::int64_t> rows);

/// Reads it; with the findings of a check when `with_check`.
Status read(pg::Connection& connection, const Project& project, bool with_check);

/// Whether something is left to do or to look at: pending versions, an unfinished migration, drift.
bool needs_attention(const Status& status);

}  // namespace dbtool::status
