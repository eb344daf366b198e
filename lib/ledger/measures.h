#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "ledger/online.h"
#include "ledger/session.h"
#include "pg/connection.h"

/// What runs leave for their reports: forecasts, samples, locks, steps that did not end well. Written beside
/// the steps, on a connection that is not the step's, so that it survives a rollback. A step is known by run,
/// version and direction; all times are in seconds.
namespace dbtool::ledger {

/// What was said of a step.
struct ForecastRecord {
  std::int64_t run = 0;
  int version = 0;
  Direction direction{};
  bool during = false;              ///< of what is left, while it ran; else of the whole, before it began
  std::optional<double> low, high;  ///< nullopt: unknown
  std::string source;
  std::string made_at{};  ///< when read: ISO, database's clock
  bool online = false;    ///< of the version's online part, before it began
};

/// One look at a step while it worked.
struct SampleRecord {
  std::int64_t run = 0;
  int version = 0;
  Direction direction{};
  double seconds = 0;  ///< since the step began
  std::int64_t wal_bytes = 0;
  std::optional<double> left_low, left_high;
  std::string phase;
  std::string wait;  ///< empty: it computed
  int waiting = 0;   ///< sessions that waited for it
};

/// A lock that a step held.
struct LockRecord {
  std::int64_t run = 0;
  int version = 0;
  Direction direction{};
  std::string table;
  std::string mode;  ///< as pg_locks spells it
  double began = 0;  ///< since the step began
  double seconds = 0;
  int waited_for = 0;  ///< most sessions that waited for it at once
};

/// A step that was begun and is not done: failed, stopped, turned back.
struct FailedStepRecord {
  std::int64_t run = 0;
  int version = 0;
  Direction direction{};
  std::string outcome;
  std::string started_at, finished_at;  ///< ISO, database's clock
  double seconds = 0;
  double began = 0;  ///< seconds after its run began
};

/// Whether a lock of that mode keeps services from reading a table, from writing it.
bool keeps_from_reading(std::string_view mode);
bool keeps_from_writing(std::string_view mode);

/// All rows in one statement and one transaction of their own; nothing for no rows. The ledger must be of
/// this program's format, as that of a run always is.
void record(pg::Connection& connection, const Session& session, const std::vector<ForecastRecord>& rows);
void record(pg::Connection& connection, const Session& session, const std::vector<SampleRecord>& rows);
void record(pg::Connection& connection, const Session& session, const std::vector<LockRecord>& rows);

/// Keeps every second sample of a step, and its last one, for who must not let them grow without end.
void thin_samples(pg::Connection& connection, const Session& session, std::int64_t run, int version,
                  Direction direction);

/// All of the runs first..last, in the order in which it happened. Nothing where the ledger is older than
/// these records, or where there is none.
std::vector<ForecastRecord> read_forecasts(pg::Connection& connection, std::int64_t first, std::int64_t last);
std::vector<SampleRecord> read_samples(pg::Connection& connection, std::int64_t first, std::int64_t last);
std::vector<LockRecord> read_locks(pg::Connection& connection, std::int64_t first, std::int64_t last);
std::vector<FailedStepRecord> read_failed_steps(pg::Connection& connection, std::int64_t first,
                                                std::int64_t last);

/// A point of an online part's curve, and when it was made: seconds after the run began.
struct CurveRecord {
  CurvePoint point;
  double seconds = 0;
};
/// The points of a run; nothing where the ledger is older than curves.
std::vector<CurveRecord> read_curve(pg::Connection& connection, std::int64_t run);

}  // namespace dbtool::ledger
