#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/rehearsal.h"
#include "window/forecast.h"

/// How much room on disk steps need. Pure: knows neither database nor clock.
namespace dbtool::window {

/// In bytes; what becomes free is below zero.
struct Bytes {
  double low = 0;
  double high = 0;
};

/// Room that one step needs beyond what is taken when it begins.
struct StepRoom {
  int version = 0;
  Trust trust =
      Trust::unknown;  ///< unknown: the low ends are what it needs at least, the high ends mean nothing
  bool one_transaction = true;  ///< else of many, each of which lets go of its log
  Bytes data;          ///< tables and indexes at their peak, second copies of what is rewritten included
  Bytes stays;         ///< of it, when the step is done
  Bytes temporary;     ///< files of sorts and hashes
  Bytes wal;           ///< log that it writes, all of it
  std::string source;  ///< "rehearsed with 10,000 rows, scaled to 100,000"
};

/// What the server keeps of its write-ahead log.
struct LogKeeping {
  std::int64_t keeps = 0;                  ///< of log that nobody needs: max_wal_size, wal_keep_size
  std::optional<std::int64_t> present;     ///< in pg_wal now; nullopt: that may not be seen
  std::optional<std::int64_t> slot_limit;  ///< the most that slots hold, max_slot_wal_keep_size; nullopt: all
  bool archive_holds = false;              ///< archiving fails: no limit holds for what waits for it
  bool slots_hold = false;                 ///< a slot that nobody reads
  bool may_hold = false;                   ///< a slot whose reader lags
  bool decodes = false;              ///< a logical slot, which holds the log of a transaction until its end
  std::vector<std::string> reasons;  ///< of these, a sentence each
};

/// Room that steps need at the peak of all of them.
struct Peak {
  Trust trust = Trust::measured;  ///< the least of all steps
  Bytes bytes;                    ///< beyond what is taken before the first
  double sure = 0;  ///< needed at least: the low end of the steps before the first that was not measured
  std::vector<int> unknown;  ///< versions of which nothing is known, or no more than a low end
};

/// For a step that was rehearsed, scaled by rows: nine in ten are to be inside the ranges.
StepRoom room_for(const StepCost& cost, const Scale& scale);

/// For steps that follow each other.
Peak peak_of(const std::vector<StepRoom>& steps, const LogKeeping& log);

/// Whether what is free suffices.
enum class Sufficiency { enough, doubtful, too_little };

/// `too_little` only where what was measured needs more even at its low end, and has a need at all.
Sufficiency judge_room(const Peak& peak, double free_bytes);

}  // namespace dbtool::window
