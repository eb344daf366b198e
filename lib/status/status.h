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
#include "run/prediction.h"

/// What a person asks first: where is the database, what is to come, who is at work. Reads only.
namespace dbtool::status {

/// How long an online migration will still take, in seconds, as a range.
struct Estimate {
  double low = 0;
  double high = 0;
  std::string source;  ///< where it comes from, for people
};

/// A version that is still to be applied.
struct Pending {
  int version = 0;
  std::string description;
  run::Weight weight{};
  std::optional<std::int64_t> rows;  ///< of the largest table that it is about, as the planner knows it
  window::Forecast forecast;         ///< of its script and methods
  std::optional<window::Forecast> online{};  ///< of its online part; nullopt: it has none

  /// Of the part that takes longest.
  const window::Forecast& main() const { return online ? *online : forecast; }
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

  /// The database is at a version that the files know nothing of: only a downgrade, by what the
  /// ledger keeps, can be had with them.
  bool files_are_older() const { return version > newest; }
};

/// Reads it; with the findings of a check when `with_check`. `measured`: what is known of the cost of
/// versions from elsewhere; its rows and earlier times are read here.
Status read(pg::Connection& connection, const Project& project, bool with_check,
            run::Knowledge measured = {});

/// Whether something is left to do or to look at: pending versions, an unfinished migration, drift, files
/// that are older than the database.
bool needs_attention(const Status& status);

}  // namespace dbtool::status
