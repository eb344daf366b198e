#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/measures.h"
#include "window/calibration.h"
#include "window/downtime.h"

namespace dbtool::cli {

/// A step of a run as the ledger has it, done or not, and what was forecast of it.
struct RecordedStep {
  int version = 0;
  Direction direction{};
  std::string outcome;
  std::string started_at, finished_at;
  double began = 0;  ///< seconds after the run began
  double seconds = 0;
  std::optional<std::int64_t> wal_bytes;  ///< nullopt: of a step that is not done
  bool done = true;
  std::optional<ledger::ForecastRecord> forecast;  ///< nullopt: none was made
};

/// A run with all that it left behind.
struct RecordedRun {
  ledger::RunRecord record;
  std::vector<RecordedStep> steps;  ///< in the order in which they ended
  std::vector<ledger::LockRecord> locks;
};

/// Reads the newest runs, the newest first.
std::vector<RecordedRun> read_recorded(pg::Connection& connection, int limit);
/// The run of that number, or the newest where it is nullopt. Throws Error (failed) when there is none.
RecordedRun read_recorded_run(pg::Connection& connection, std::optional<std::int64_t> number);

/// What kept services from reading or writing, on the run's own clock.
std::vector<window::Closure> closures_of(const RecordedRun& run);
/// What forecasts and truths are known.
std::vector<window::Outcome> outcomes_of(const std::vector<RecordedRun>& runs);

/// "2 h 40 min – 3 h 50 min"; "unknown" where there is no range.
std::string range_text(std::optional<double> low, std::optional<double> high);
/// "forecasts: 14 steps, median error 11 %, 13 of 14 inside the range"; empty: none to judge.
std::string calibration_text(const window::Calibration& calibration);

/// "run", "steps" and the like, as history and report give them.
nlohmann::ordered_json recorded_json(const RecordedRun& run);
nlohmann::ordered_json calibration_json(const window::Calibration& calibration);

}  // namespace dbtool::cli
