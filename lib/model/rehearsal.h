#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "model/environment.h"

namespace dbtool {

/// A point of a step's progress: how much write-ahead log it had written how long after it began. The time
/// that the step waited for a processor, where it could be seen, is spread evenly over it: other programs
/// come and go otherwise when the step runs again.
struct CurvePoint {
  double seconds = 0;
  std::int64_t wal_bytes = 0;
};

/// A part of a step: from a notice or a statement of its script to the next.
struct PhaseCost {
  std::string kind;  ///< "notice", "statement"
  std::string name;  ///< the notice's text, or the statement's first line
  double began = 0;  ///< seconds after the step began, as on the curve
  double seconds = 0;
  std::int64_t wal_bytes = 0;
};

/// A table that a step wrote, read through or changed.
struct TableCost {
  std::string name;                                ///< qualified unless it is in public
  std::int64_t rows_before = 0;                    ///< as the planner knew; 0: it was not there
  std::int64_t rows_after = 0;                     ///< 0: it is gone
  std::int64_t bytes_before = 0, bytes_after = 0;  ///< heap and toast
  std::int64_t index_bytes_before = 0, index_bytes_after = 0;
  std::int64_t dead_rows = 0;  ///< left behind
  bool rewritten = false;
  std::optional<double> analyze_seconds{};  ///< that analyze took afterwards; nullopt: it was not tried
};

/// A lock that a step held.
struct LockCost {
  std::string table;
  std::string mode;    ///< as pg_locks spells it, "AccessExclusiveLock"
  double began = 0;    ///< seconds after the step began
  double seconds = 0;  ///< until it was let go
  int waited_for = 0;  ///< most sessions that were seen to wait for it at once
};

/// The kind of a step that moves rows while the services go on.
inline constexpr const char* online_kind = "online";

/// What one step of a run was measured to cost.
struct StepCost {
  Direction direction{};
  int version = 0;   ///< being reached (upgrade) or left (downgrade)
  std::string kind;  ///< as run::kind_of
  double seconds = 0;
  std::int64_t wal_bytes = 0;
  std::vector<CurvePoint> curve;  ///< at most some hundreds of points, the last one being the end
  std::vector<PhaseCost> phases;
  std::vector<TableCost> tables;  ///< largest first
  std::vector<LockCost> locks;
  std::map<std::string, double>
      waits;  ///< share of the looks, e.g. "IO:DataFileRead" 0.12; "CPU": for nothing
  /// How much larger the database was than before the step when its transaction was about to be committed:
  /// what it drops or writes anew is there until then. nullopt: of many transactions, or not measured.
  std::optional<std::int64_t> peak_bytes{};
  /// That the batches of an online part moved in all its passes, a row as often as it was moved; nullopt: no
  /// online part, or not counted.
  std::optional<std::int64_t> rows_moved{};
  std::int64_t temporary_bytes = 0;
  std::int64_t blocks_read = 0, blocks_hit = 0;
  std::optional<double> cpu_seconds;       ///< of its backend, where it could be seen
  std::optional<double> rollback_seconds;  ///< from a cancel late in the step to the end of its rollback
};

/// What a step was measured to cost at one sample size.
struct GrowthSample {
  std::int64_t rows = 0;  ///< of the table by which the step is scaled
  double seconds = 0;
  std::int64_t wal_bytes = 0;
};

/// How the cost of a step grows with the rows, fitted over several sample sizes. At r times the rows of the
/// largest size it is (fixed_share + (1 − fixed_share) × r ^ exponent) times the cost there.
struct Growth {
  Direction direction{};
  int version = 0;
  double exponent = 1;
  /// "does not grow", "less than linear", "linear", "n log n", "worse than n log n", "unsure"
  std::string law;
  double error = 0;        ///< standard deviation of the exponent
  double fixed_share = 0;  ///< part of the time at the largest size that is there whatever the rows
  /// The same of the write-ahead log.
  double wal_exponent = 1, wal_error = 0, wal_fixed_share = 0;
  std::vector<GrowthSample> samples{};  ///< what was fitted, ascending
  /// As that of the step's cost: the online part of a version is a step of its own. Empty: not said.
  std::string kind{};
};

/// What a rehearsal found.
struct Rehearsal {
  std::string made_at;  ///< ISO, UTC
  std::string program;  ///< "dbtool 0.1.0"
  std::string source;   ///< "copy", "clone", "generated"
  Environment environment;
  std::vector<StepCost> steps;  ///< those of the largest size
  std::vector<Growth> growth;

  /// The cost of a step before its online part; nullptr: it was not rehearsed.
  const StepCost* step(Direction direction, int version) const { return find(direction, version, false); }
  /// The cost of a version's online part; nullptr: it has none, or that was not rehearsed.
  const StepCost* online_part(Direction direction, int version) const {
    return find(direction, version, true);
  }
  /// How a cost grows; nullptr: it was not rehearsed at several sizes.
  const Growth* growth_of(const StepCost& cost) const {
    for (const Growth& one : growth) {
      const bool is_of_it = one.kind.empty() || one.kind == cost.kind;
      if (one.direction == cost.direction && one.version == cost.version && is_of_it) return &one;
    }
    return nullptr;
  }

 private:
  const StepCost* find(Direction direction, int version, bool online) const {
    for (const StepCost& cost : steps) {
      const bool is_online = cost.kind == online_kind;
      if (cost.direction == direction && cost.version == version && is_online == online) return &cost;
    }
    return nullptr;
  }
};

}  // namespace dbtool
