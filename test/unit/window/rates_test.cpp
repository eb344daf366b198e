#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <utility>
#include <vector>

#include "test/support/catch.h"
#include "test/unit/window/simulation.h"

using namespace dbtool;
using namespace dbtool::window;
using namespace dbtool::window::simulation;

namespace {

/// Forecasts of many runs at one share of them.
struct Forecasts {
  std::vector<double> ratios;  ///< sorted
  double inside = 0;           ///< share
  double width = 0;            ///< median of the range's high over its low, of the total

  double at(double share) const {
    return ratios[static_cast<std::size_t>(share * static_cast<double>(ratios.size() - 1))];
  }
  double between(double low, double high) const {
    return static_cast<double>(
               std::count_if(ratios.begin(), ratios.end(), [&](double r) { return r >= low && r <= high; })) /
           static_cast<double>(ratios.size());
  }
};

using Draw = Setting (*)(Script, std::mt19937_64&);

std::vector<Forecasts> forecasts(Script script, Draw draw_one, const std::vector<double>& shares, int runs,
                                 std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Forecasts> all(shares.size());
  std::vector<std::vector<double>> widths(shares.size());
  for (int i = 0; i < runs; ++i) {
    const Setting setting = draw_one(script, random);
    const std::vector<Told> told = told_at(simulate(setting, random()), shares);
    for (std::size_t k = 0; k < shares.size(); ++k) {
      all[k].ratios.push_back(told[k].likely_over_truth);
      all[k].inside += told[k].inside ? 1.0 / runs : 0;
      widths[k].push_back(told[k].width);
    }
  }
  for (std::size_t k = 0; k < shares.size(); ++k) {
    std::sort(all[k].ratios.begin(), all[k].ratios.end());
    std::sort(widths[k].begin(), widths[k].end());
    all[k].width = widths[k][widths[k].size() / 2];
  }
  return all;
}

Setting without_slowdown(Script script, std::mt19937_64& random) {
  Setting setting = draw(script, random);
  setting.slower_by = 1;
  return setting;
}

Setting twice_as_slow(Script script, std::mt19937_64& random) {
  Setting setting = without_slowdown(script, random);
  setting.burst_slowness = 1;
  setting.slowness = 2;
  setting.rows = 3.3;
  setting.believed_rows = 1;
  return setting;
}

Setting slowed_in_mid_run(Script script, std::mt19937_64& random) {
  Setting setting = twice_as_slow(script, random);
  setting.slower_from = std::uniform_real_distribution<double>(0.1, 0.35)(random);
  setting.slower_by = std::uniform_real_distribution<double>(1.3, 2.5)(random);
  return setting;
}

Setting never_rehearsed(Script script, std::mt19937_64& random) {
  Setting setting = twice_as_slow(script, random);
  setting.rehearsed = false;
  return setting;
}

/// What the judge made of many runs.
struct Rates {
  double recognised = 0;         ///< of overruns: turned back before a fifth of the window was used
  double stopped_falsely = 0;    ///< of runs that would have fitted: turned back by their forecast
  double stopped_at_latest = 0;  ///< of those: turned back at the latest moment, not being sure
};

Rates rates(Script script, Draw draw_one, int runs, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto uniform = [&](double from, double to) {
    return std::uniform_real_distribution<double>(from, to)(random);
  };
  // One after the other: the order in which arguments are worked out is the compiler's.
  const auto fate = [&](const Run& run, double least_share, double most_share) {
    const double window = run.seconds / uniform(least_share, most_share);
    return run_in(run, window, uniform(0, 0.01));
  };
  Rates rates;
  for (int i = 0; i < runs; ++i) {
    Setting setting = draw_one(script, random);
    const Run fits = simulate(setting, random());
    const Fate outcome = fate(fits, 0.4, 1);
    if (outcome.turned_back)
      (outcome.at_latest_moment ? rates.stopped_at_latest : rates.stopped_falsely) += 1.0 / runs;
    // There from the start: not by a slow-down later.
    setting.slower_by = 1;
    const Run over = simulate(setting, random());
    const Fate late = fate(over, 1.3, 3);
    if (late.turned_back && *late.turned_back < 0.2) rates.recognised += 1.0 / runs;
  }
  return rates;
}

}  // namespace

TEST_CASE("nine in ten runs end inside the range that is shown at their tenth", "[window]") {
  for (const Script script : scripts) {
    INFO(simulation::to_text(script));
    const Forecasts told = forecasts(script, draw, {0.1}, 100, 3).front();
    CHECK(told.inside >= 0.9);
    CHECK(told.width < 2);
  }
}

TEST_CASE("forecasts of runs that are twice as slow as rehearsed are about right from their tenth on",
          "[window]") {
  for (const Script script : scripts) {
    INFO(simulation::to_text(script));
    const std::vector<Forecasts> told = forecasts(script, twice_as_slow, {0.1, 0.5}, 100, 3);
    CHECK(told[0].at(0.5) > 0.93);
    CHECK(told[0].at(0.5) < 1.07);
    CHECK(told[0].at(0.05) > 0.77);
    CHECK(told[0].at(0.95) < 1.25);
    CHECK(told[1].at(0.5) > 0.95);
    CHECK(told[1].at(0.5) < 1.05);
  }
}

TEST_CASE("runs that are slowed down on their way are seen through at their half", "[window]") {
  for (const Script script : {Script::insert, Script::row_loop, Script::update}) {
    INFO(simulation::to_text(script));
    const Forecasts told = forecasts(script, slowed_in_mid_run, {0.5}, 100, 3).front();
    CHECK(told.at(0.5) > 0.92);
    CHECK(told.between(0.87, 1.13) >= 0.85);
  }
}

TEST_CASE("what was never rehearsed is told widely, and not far off at a quarter", "[window]") {
  const Forecasts told = forecasts(Script::insert, never_rehearsed, {0.25}, 100, 3).front();
  CHECK(told.between(0.7, 1.4) >= 0.95);
  CHECK(told.width > 2);
}

TEST_CASE("few runs that fit are stopped, most that do not are recognised early", "[window]") {
  Rates all;
  std::uint64_t seed = 5;  // each script's runs are others, so that one odd run does not count five times
  for (const Script script : scripts) {
    const Rates some = rates(script, draw, 60, seed++);
    all.recognised += some.recognised / std::size(scripts);
    all.stopped_falsely += some.stopped_falsely / std::size(scripts);
    all.stopped_at_latest += some.stopped_at_latest / std::size(scripts);
  }
  CHECK(all.stopped_falsely <= 0.01);
  CHECK(all.stopped_at_latest <= 0.02);
  CHECK(all.recognised >= 0.93);
}

TEST_CASE("the rates of forecasts and decisions over simulated runs, as a table", "[.rates]") {
  constexpr int runs = 400;
  const std::vector<double> shares{0.05, 0.1, 0.25, 0.5, 0.8};
  const std::vector<std::pair<const char*, Draw>> draws{{"twice as slow", twice_as_slow},
                                                        {"as they come", draw},
                                                        {"wrong", draw_wrong},
                                                        {"slowed in mid-run", slowed_in_mid_run},
                                                        {"never rehearsed", never_rehearsed}};
  for (const auto& [name, draw_one] : draws) {
    std::printf("%s\n", name);
    for (const Script script : scripts) {
      const std::vector<Forecasts> all = forecasts(script, draw_one, shares, runs, 7);
      for (std::size_t k = 0; k < shares.size(); ++k) {
        const Forecasts& f = all[k];
        fmt::print(
            "  {:26} at {:3.0f} %: 5 % {:.2f}  median {:.2f}  95 % {:.2f}  inside {:.2f}  width {:.2f}\n",
            simulation::to_text(script), shares[k] * 100, f.at(0.05), f.at(0.5), f.at(0.95), f.inside,
            f.width);
      }
    }
  }
  for (const auto& [name, draw_one] : {draws[1], draws[2]}) {
    std::uint64_t seed = 11;
    for (const Script script : scripts) {
      const Rates r = rates(script, draw_one, runs, seed++);
      fmt::print("  {:13} {:26} recognised {:.3f}  false stops {:.3f}  at the latest moment {:.3f}\n", name,
                 simulation::to_text(script), r.recognised, r.stopped_falsely, r.stopped_at_latest);
    }
  }
}
