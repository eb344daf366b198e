#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "online/throttle/reading.h"
#include "pg/connection.h"

namespace dbtool::online {

/// When an observation is made, and who works meanwhile.
struct Moment {
  Clock::Monotonic now{};
  Clock::Wall wall{};
  std::vector<int> worker_pids{};     ///< backends of the engine's workers
  std::vector<std::string> tables{};  ///< that batches were seen to touch, quoted and qualified

  pg::Parameter pids() const;  ///< as an int[]
};

/// What a signal makes of one look.
struct Answer {
  std::vector<Reading> readings{};
  std::vector<std::string> warnings{};
};

/// The answer of one reading that is a number.
Answer measured(Reading reading, Measure measure);

inline double to_seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// One thing that is watched. How it is read is one of three ways; each throws Error when it cannot be read
/// now, and then counts as loaded.
struct Signal {
  /// One statement on the throttle's connection, sent in one round trip with those of other signals.
  struct Together {
    std::function<pg::Statement(const Moment&)> ask;
    std::function<Answer(const pg::Result&, const Moment&)> judge;
  };
  /// A statement of the user's on the throttle's connection, sent for itself; `took` is its own time.
  struct Alone {
    std::string query;
    std::function<Answer(const pg::Result&, std::chrono::microseconds took)> judge;
  };
  /// Without the throttle's connection.
  struct Elsewhere {
    std::function<Answer(const Moment&)> look;
  };

  std::string name;
  std::variant<Together, Alone, Elsewhere> way;
  bool needs_stats = false;           ///< must be allowed to see what other users' sessions do
  bool hard = false;                  ///< nothing may move while it is loaded
  std::chrono::milliseconds every{};  ///< 0: at each observation

  /// A reading of this kind from a value and its largest good one.
  static double load_of(double value, double limit);
  /// The same where the value must not be less than `least`.
  static double load_of_least(double value, double least);
};

/// What the throttle's connection is and may.
struct ServerFacts {
  std::string user;
  bool reads_stats = false;        ///< sees other users' sessions
  bool archives = false;           ///< archive_mode is not off
  bool lists_archive = false;      ///< may list the directory of archive states
  std::string statements_schema;   ///< of pg_stat_statements; empty: not there
  bool statements_nested = false;  ///< pg_stat_statements tells statements of functions from those of clients
};

ServerFacts read_facts(pg::Connection& connection);

}  // namespace dbtool::online
