#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/probes.h"
#include "model/project.h"
#include "model/rehearsal.h"
#include "pg/connection.h"
#include "run/plan.h"
#include "window/forecast.h"

namespace dbtool::run {

/// How heavy a version is.
enum class Weight {
  methods_only,
  quick,   ///< a script that handles few rows
  slow,    ///< a script that handles many rows, or an unknown number of them, or runs statement by statement
  online,  ///< moves rows while the services go on
};

const char* to_text(Weight weight);

/// How heavy `version` is in that direction, in a database whose largest table that its script names holds
/// `rows`.
Weight weight_of(const Version& version, Direction direction, std::optional<std::int64_t> rows);
/// The same of its script and methods alone.
Weight weight_of_script(const Version& version, Direction direction, std::optional<std::int64_t> rows);

/// What is known of the cost of steps before they begin.
struct Knowledge {
  std::map<std::string, std::int64_t> table_rows;  ///< as catalog::read_table_rows has them
  std::map<std::string, std::int64_t> table_bytes;
  /// Of the last step of the kind in this database, by direction and version.
  std::map<std::pair<Direction, int>, double> earlier_seconds;
  std::map<std::pair<Direction, int>, double> earlier_online_seconds;  ///< pauses included
  std::optional<ledger::OnlineState> under_way;  ///< the online part that is not finished
  std::optional<Rehearsal> rehearsal;
  std::vector<window::Conversion> conversions;  ///< from where it was rehearsed to here; empty: not known
  std::vector<ledger::ProbeRecord> probes;      ///< what versions' own work cost here, on some rows
};

/// Reads what the last successful step of each version and direction took in this database, as its ledger
/// has it; nothing where there is no ledger.
void read_earlier_seconds(pg::Connection& connection, Knowledge& knowledge);
/// Reads what probes of this database found, newest of each version; nothing where there is no ledger.
void read_probes(pg::Connection& connection, Knowledge& knowledge);

/// Heap and toast of the tables of schema public, as the planner knows them.
std::map<std::string, std::int64_t> read_table_bytes(pg::Connection& connection);

/// The largest table that the step is about: the one that it was seen to work on in the rehearsal, or that
/// its script names; empty: none that is known.
std::string table_of(const Knowledge& knowledge, Direction direction, const Version& version);
/// Its rows; nullopt: there is no such table.
std::optional<std::int64_t> rows_of(const Knowledge& knowledge, Direction direction, const Version& version);
/// What the step has to do here.
window::Scale scale_of(const Knowledge& knowledge, Direction direction, const Version& version);
/// The same by the table that was seen in the rehearsal alone.
window::Scale scale_of(const Knowledge& knowledge, const StepCost& cost);

/// How many rows the online part of a version moves here: those of its rehearsal, by how much larger its
/// largest table is here; nullopt: never rehearsed, or not comparable. Pure.
std::optional<std::int64_t> rows_to_move(const Knowledge& knowledge, Direction direction,
                                         const Version& version);

/// How long a version's script and methods take here, its online part left out. Pure.
window::Forecast predict(const Knowledge& knowledge, Direction direction, const Version& version);
/// How long its online part takes, all its passes, or what is left of one that is under way, where nothing
/// slows it down. Pure.
window::Forecast predict_online(const Knowledge& knowledge, Direction direction, const Version& version);
/// How long the step takes, whichever of the two it is.
window::Forecast predict(const Knowledge& knowledge, const Step& step);

/// The sum of what the steps of a plan take. `unknown` holds the versions of which nothing is known: they are
/// not in the range.
struct Total {
  window::Range range;
  window::Trust trust = window::Trust::measured;  ///< the least of all
  std::vector<int> unknown;

  void add(int version, const window::Forecast& forecast);
};
/// Of all steps but online parts: those may pause at a window's end.
Total predict(const Knowledge& knowledge, const Plan& plan);
/// Of online parts, which need no window; nullopt: there is none.
std::optional<Total> predict_online(const Knowledge& knowledge, const Plan& plan);

}  // namespace dbtool::run
