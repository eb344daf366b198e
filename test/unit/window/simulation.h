#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "window/decision.h"
#include "window/forecast.h"

/// Migrations that are made up: a rehearsal, and then a run on another server that is like it as far as the
/// setting says.
namespace dbtool::window::simulation {

enum class Script {
  insert,           ///< one insert … select
  row_loop,         ///< the same, row by row
  update,           ///< all rows of a table
  rewrite,          ///< of a table, with its indexes: silence, WAL, silence, WAL
  five_statements,  ///< table, insert, index build, update, index build
};
constexpr Script scripts[] = {Script::insert, Script::row_loop, Script::update, Script::rewrite,
                              Script::five_statements};
const char* to_text(Script script);

/// How a run differs from its rehearsal.
struct Setting {
  Script script{};
  double rows = 1;                               ///< times as many
  double believed_rows = 1;                      ///< the planner's rows over the true ones, here
  double slowness = 1;                           ///< seconds of a row, over those of the rehearsal
  double index_slowness = 1;                     ///< of index builds, times that
  double wal = 1;                                ///< bytes of a row, over those of the rehearsal
  double noise = 0.15;                           ///< of the speed, from one hundredth of the run to the next
  double converted_low = 1, converted_high = 1;  ///< what was believed of the slowness
  double slower_from = 1;                        ///< share of the work from which on it is slower still
  double slower_by = 1;
  double burst_from = 1, burst_to = 1;  ///< shares of the work between which others write, too
  double burst_slowness = 1;
  double burst_doubt = 0;  ///< their WAL that cannot be told from ours, over ours
  bool rehearsed = true;
};

/// A run: its looks, and what is true.
struct Run {
  StepCost cost;  ///< of the rehearsal
  Forecast before;
  Scale scale;
  std::vector<Sample> looks;  ///< some hundreds, the last one before its end
  double seconds = 0;         ///< in all
};

Run simulate(const Setting& setting, std::uint64_t seed);

/// What was forecast when a share of the run was over, against the truth; all of the total time.
struct Told {
  double likely_over_truth = 0;
  bool inside = false;
  double width = 0;  ///< high over low
  Forecast forecast;
};
/// `shares` ascend.
std::vector<Told> told_at(const Run& run, const std::vector<double>& shares);

/// What became of a run in a window.
struct Fate {
  std::optional<double> turned_back;  ///< share of the window that was used when it was turned back
  bool at_latest_moment = false;
};
/// `turn_back`: what turning back costs, as a share of the window.
Fate run_in(const Run& run, double window, double turn_back);

/// Settings as they come: seldom as rehearsed, sometimes far from it.
Setting draw(Script script, std::mt19937_64& random);
/// The same with planner's rows that are wrong by up to a fifth.
Setting draw_wrong(Script script, std::mt19937_64& random);

}  // namespace dbtool::window::simulation
