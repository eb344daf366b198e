#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dbtool {

enum class Direction { upgrade, downgrade };

constexpr const char* to_text(Direction direction) {
  return direction == Direction::upgrade ? "upgrade" : "downgrade";
}

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
  int batch_size = 0;  ///< rows that were asked for
  std::string note{};  ///< what slows the work down on purpose; empty: nothing
  std::chrono::milliseconds duration{};
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

using Event = std::variant<Connected, RunStarted, StepStarted, ScriptNotice, LockRetry, StatementDone,
                           BatchDone, StepDone, Message>;

/// Gets every event in the order in which it happened; must not throw.
using Observer = std::function<void(const Event&)>;

}  // namespace dbtool
