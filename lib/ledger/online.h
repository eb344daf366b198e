#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "ledger/ledger.h"
#include "pg/connection.h"

/// What the ledger keeps of an online migration while it is under way. A checkpoint is a row of its own,
/// never an update: a snapshot that somebody holds for hours would make every update look at all the dead
/// ones before it.
namespace dbtool::ledger {

/// The values of a walked key's columns, as text, in the key's order.
using KeyValue = std::vector<std::string>;

/// How far a range (or a function's passes) has got; committed together with the batch that got there.
struct Checkpoint {
  std::int64_t batch = 0;                   ///< batches of this range so far
  std::optional<KeyValue> at;               ///< declared: everything up to here is done; nullopt: nothing yet
  std::optional<std::string> state = "{}";  ///< by functions: jsonb for the next batch
  std::int64_t rows = 0;                    ///< of this range in this pass
  std::int64_t differing = 0;               ///< found by `verify`
  int size = 0;                             ///< rows asked for; 0: none yet
  bool done = false;                        ///< the range is at its end
};

/// A part of the walked table between two keys, or all that there is for a migration by functions.
struct RangeRecord {
  int range = 0;                 ///< its number within the pass
  std::optional<KeyValue> low;   ///< excluded; nullopt: open
  std::optional<KeyValue> high;  ///< included; nullopt: open
  Checkpoint last;
};

/// A walk through all rows, or through all that they were moved to.
struct PassId {
  OnlinePhase phase{};
  int pass = 0;  ///< 0: none
  bool operator==(const PassId&) const = default;
};
/// The one under way.
PassId read_pass(pg::Connection& connection, int version);

/// Ranges of the pass under way, in their order.
std::vector<RangeRecord> read_ranges(pg::Connection& connection, int version);

/// The checkpoint of that batch, if it was committed.
bool has_checkpoint(pg::Connection& connection, int version, int range, std::int64_t batch);

/// A checkpoint with all its values known.
pg::Statement checkpoint_statement(int version, int range, const Checkpoint& checkpoint);

/// A pass begins (or begins anew): the ranges of the last one are forgotten. What the passes of a function
/// have moved is added up; those of a declared migration each go through all rows again.
struct PassStart {
  int version = 0;
  Direction direction{};
  OnlinePhase phase{};
  int pass = 1;
  std::vector<RangeRecord> ranges;
  std::optional<std::int64_t> rows_total;  ///< an estimate; nullopt: leave what is recorded
  std::optional<std::string> walked;       ///< what the ranges are ranges of, in words; nullopt: by functions
};
std::vector<pg::Statement> begin_pass_statements(const PassStart& start);

/// Cuts a range in two at `middle`: the first keeps its number and its checkpoints.
std::vector<pg::Statement> split_range_statements(int version, int range, const KeyValue& middle,
                                                  const RangeRecord& second);

bool has_range(pg::Connection& connection, int version, int range);

/// Removes checkpoints that newer ones have made superfluous.
pg::Statement tidy_checkpoints_statement(int version);

/// What a running engine says of itself, for other terminals.
struct EngineNote {
  int workers = 0;
  double rows_per_second = 0;  ///< recently
  std::string note;            ///< what slows it down, or stops it; empty: nothing
};
pg::Statement engine_note_statement(int version, const EngineNote& note);

/// A point of the run's curve.
struct CurvePoint {
  std::int64_t run = 0;
  int version = 0;
  Direction direction{};
  OnlinePhase phase{};
  std::int64_t rows_done = 0;
  double rows_per_second = 0;
  int workers = 0;
  int batch_size = 0;
  double batch_seconds = 0;  ///< median of the recent ones
  std::string note;
};
pg::Statement curve_statement(const CurvePoint& point);
/// Keeps every second point of a run's curve, so that it never grows beyond a few hundred.
pg::Statement thin_curve_statement(std::int64_t run, int version);

/// Wishes from another terminal; they hold for the version's online migration until it is done. Each is
/// nullopt where nothing is wished.
struct Control {
  bool paused = false;
  std::string paused_by;       ///< "ana on ops1"
  std::optional<int> workers;  ///< 0: auto
  std::optional<int> batch_milliseconds;
  std::optional<std::string> throttle;  ///< as the project's file would say it; replaces that

  bool operator==(const Control&) const = default;
};
/// Nothing wished when the ledger is older than wishes.
Control read_control(pg::Connection& connection, int version);
pg::Statement control_statement(int version, const Control& control);

}  // namespace dbtool::ledger
