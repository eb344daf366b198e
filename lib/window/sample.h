#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dbtool::window {

/// What one of the server's progress views says.
struct ViewProgress {
  std::string command;         ///< "create index", "cluster", "copy"
  std::string phase;           ///< as the view spells it
  double done = 0, total = 0;  ///< in one unit; total 0: the view does not tell in this phase
};

/// A relation lock that is held.
struct HeldLock {
  std::string table;
  std::string mode;
};

/// One look at a working backend from a second connection.
struct Sample {
  double seconds = 0;                ///< since the step began
  std::int64_t wal_bytes = 0;        ///< written by the step so far, as far as it can be told from others'
  std::int64_t wal_bytes_least = 0;  ///< the same, if all that is in doubt is others'
  std::int64_t wal_bytes_others = 0;
  std::int64_t database_bytes = 0;  ///< grown since the step began; 0 in looks that do not ask
  std::string statement;            ///< the one that runs, its start
  std::string notice;               ///< the latest of the script
  std::string wait;                 ///< "IO:DataFileRead"; empty: it computes
  std::optional<ViewProgress> view;
  std::optional<double> marked;  ///< share that the script says is done, between 0 and 1
  std::vector<HeldLock> locks;   ///< of the backend, of the kinds that others feel
  int waiting = 0;               ///< sessions that wait for the backend
  std::optional<double> cpu_seconds;
  std::optional<double> queued_seconds{};  ///< that it waited for a processor, since the step began
};

}  // namespace dbtool::window
