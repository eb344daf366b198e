#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/direction.h"

namespace dbtool {

/// A database was opened.
struct Connected {
  std::string name;  ///< environment's name; empty: none known
  std::string host, database, user;
};

/// The run has its lock and its plan; work begins. Versions: where the database is and is to go.
struct RunStarted {
  Direction direction{};
  int from = 0;
  int goal = 0;
  int steps = 0;
};

/// A step begins; `version` is the one being reached (upgrade) or left (downgrade).
struct StepStarted {
  Direction direction{};
  int version = 0;
  std::string description;
  std::string kind;  ///< "methods only", "script", "online", "statement by statement"
};

/// A script raised a notice; it names the phase the script is in. Severity as the server spells it.
struct ScriptNotice {
  std::string severity;
  std::string message;
};

/// One session that stands in the way of a lock.
struct Blocker {
  int pid = 0;
  std::string user;
  std::string application;
  std::string state;
  std::string query;
  std::chrono::milliseconds query_age{};
  bool autovacuum = false;
};

/// An attempt to get the locks of a step failed and will be repeated after `pause`.
struct LockRetry {
  int version = 0;
  int attempt = 0;
  int attempts = 0;
  std::string reason;
  std::chrono::milliseconds pause{};
  std::vector<Blocker> blockers;
};

/// One statement of a step that runs statement by statement is done.
struct StatementDone {
  int version = 0;
  int position = 0;  ///< 1-based
  int count = 0;
  std::string statement;  ///< first line, shortened
};

/// One batch of an online migration is committed.
struct BatchDone {
  Direction direction{};
  int version = 0;
  std::int64_t rows = 0;                   ///< in this batch
  std::int64_t rows_done = 0;              ///< since the online migration began, over all runs
  std::optional<std::int64_t> rows_total;  ///< planner's estimate of what is to move, where known
  double rows_per_second = 0;              ///< over this run
  double recent_rows_per_second = 0;       ///< over the last half minute
  bool verifies = false;  ///< the batch compared rows instead of moving them; rows_done counts these
  int workers = 1;
  int batch_size = 0;                    ///< rows that were asked for
  std::string note{};                    ///< what slows the work down on purpose; empty: nothing
  std::chrono::milliseconds duration{};  ///< without its pauses between looks at rows that differ
  std::int64_t differing = 0;            ///< rows that differ, where it compared
};

/// One batch of an online migration failed and is tried again: with half the rows where a lock, a limit or a
/// row stood in the way, on a new connection where the old one was lost.
struct BatchRepeated {
  Direction direction{};
  int version = 0;
  std::string reason;
  std::chrono::milliseconds duration{};  ///< of the try in vain
};

/// What a signal of the throttle said last: of one that speaks for many replicas or slots, the most loaded.
struct SignalState {
  std::string name;
  double load = 0;  ///< 1 or more: too much
  bool lost = false;
  bool rules = false;                  ///< the most loaded of all
  std::optional<double> value, limit;  ///< where it is a number
  std::string unit;                    ///< "seconds", "bytes" …
};

/// How an online migration stands; about once a second, also while no batch ends.
struct OnlinePulse {
  Direction direction{};
  int version = 0;
  bool verifies = false;
  std::int64_t rows_done = 0;
  std::optional<std::int64_t> rows_total;
  double rows_per_second = 0;
  double recent_rows_per_second = 0;
  int workers = 0;  ///< that may work now; 0: everything stands still
  int workers_wished = 0;
  bool paused = false;                     ///< by a person
  std::chrono::milliseconds batch_time{};  ///< target of one batch, as slowed
  std::chrono::milliseconds pause{};       ///< of each worker between two batches
  std::string note{};                      ///< what slows the work down; empty: nothing
  bool collapsed = false;                  ///< the rate is a fraction of what it was, and nobody wished it
  std::vector<SignalState> signals;
};

/// A table that an online migration's batches read or write, as the server's statistics have it.
struct TableState {
  std::string name;
  std::int64_t live_rows = 0;
  std::int64_t dead_rows = 0;
  std::int64_t dead_rows_at_start = 0;  ///< of this run
  std::int64_t rows_read_by_scans = 0;  ///< since this run began, by anybody
  std::string last_analyze;             ///< database's clock; empty: never
  std::string vacuum;                   ///< "autovacuum, pid 7, scanning heap"; empty: none is at work
};

/// The batches of an online migration have become many times slower, and neither throttle nor pause explains
/// it: what can be known of the reason.
struct RateCollapsed {
  Direction direction{};
  int version = 0;
  double rows_per_second = 0;        ///< of one worker, within its batches, of late
  double usual_rows_per_second = 0;  ///< the same before
  std::vector<std::string> reasons;  ///< what is another than before, or in the way; a sentence each
  std::vector<Blocker> blockers;     ///< sessions that batches wait for
  std::vector<TableState> tables;
  /// The batch's plan now and at the start, a node a line; empty: not to be had.
  std::vector<std::string> plan, first_plan;
};

/// How a step that works stands, as seen from a second connection; about once a second at first, later less
/// often.
struct StepForecast {
  Direction direction{};
  int version = 0;
  double seconds = 0;                             ///< since its work began
  std::optional<std::pair<double, double>> left;  ///< from … to, in seconds; nullopt: nothing is known
  double likely = 0;                              ///< inside that range, for machines to count with
  std::string source;                             ///< where the range comes from, or why there is none
  std::optional<double> progress;                 ///< between 0 and 1
  std::optional<double> marked;                   ///< share that the script itself says is done
  std::vector<std::string> reasons;               ///< why it is slower than rehearsed, a sentence each
  int waiting = 0;                                ///< sessions that wait for it
  std::vector<std::string> locks;                 ///< that others feel: "tasks AccessExclusiveLock"
  std::optional<double> window_left;              ///< until the database must be done; nullopt: no window
  std::optional<double> turn_back_in;             ///< until the latest moment to turn back
  std::string doubt;                              ///< why it may not fit the window; empty: it is expected to
};

/// A step does not fit the window: it is cancelled now.
struct TurningBack {
  Direction direction{};
  int version = 0;
  std::string reason;                ///< "needs 9 h 50 – 16 h more; 8 h 20 left"
  std::vector<std::string> because;  ///< why it is slow, a sentence each
};

/// The step is committed; the database is at `at`.
struct StepDone {
  Direction direction{};
  int version = 0;
  int at = 0;
  std::chrono::milliseconds duration{};
};

/// Something that a person should read now.
struct Message {
  enum class Level { note, warning };
  Level level = Level::note;
  std::string text;
};

using Event =
    std::variant<Connected, RunStarted, StepStarted, ScriptNotice, LockRetry, StatementDone, BatchDone,
                 BatchRepeated, OnlinePulse, RateCollapsed, StepForecast, TurningBack, StepDone, Message>;

/// Gets every event in the order in which it happened; must not throw.
using Observer = std::function<void(const Event&)>;

}  // namespace dbtool
