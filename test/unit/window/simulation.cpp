#include "test/unit/window/simulation.h"

#include <algorithm>
#include <cmath>

namespace dbtool::window::simulation {

namespace {

constexpr std::int64_t rehearsed_rows = 1'000'000;
constexpr double rehearsed_seconds = 600;
constexpr int steps = 600;

/// A part of a script: how long it takes and what it writes, over the rehearsal as a whole.
struct Part {
  std::string statement;
  double time = 1;
  double wal = 1;
  double silent = 0;  ///< share of its time before it writes anything
  bool index = false;
};

std::vector<Part> parts_of(Script script) {
  switch (script) {
    case Script::insert:
      return {{"insert into tasks select … from queue_tasks_entities", 1, 1, 0.02}};
    case Script::row_loop:
      return {{"do $$ begin for … loop … end loop; end $$", 1, 1, 0}};
    case Script::update:
      return {{"update tasks set priority = 'normal'", 1, 1, 0}};
    case Script::rewrite:
      return {{"alter table tasks alter column task_id type uuid using task_id::uuid", 0.55, 0.8, 0},
              {"", 0.30, 0.13, 0.7, true},
              {"", 0.15, 0.07, 0.7, true}};
    case Script::five_statements:
      return {{"create table tasks (task_id text not null, state text)", 0.001, 0.0001, 0},
              {"insert into tasks select … from queue_tasks_entities", 0.45, 0.5, 0.01},
              {"create index tasks_state_idx on tasks (state)", 0.17, 0.07, 0.75, true},
              {"update tasks set retries = 5 where state = 'pending'", 0.25, 0.35, 0},
              {"create index tasks_retries_idx on tasks (retries)", 0.13, 0.08, 0.75, true}};
  }
  return {};
}

/// A walk through a script in equal steps of the work.
struct Walk {
  std::vector<double> seconds;  ///< since the beginning, at the end of each step
  std::vector<double> wal;      ///< share of all, likewise
  std::vector<std::string> statement;
  std::vector<double> wait;  ///< a number between 0 and 1 a step, for what it waits for
};

using Random = std::mt19937_64;

double normal(Random& random, double deviation) {
  return std::normal_distribution<double>(0, deviation)(random);
}
double uniform(Random& random, double from, double to) {
  return std::uniform_real_distribution<double>(from, to)(random);
}

Walk walk(const Setting& setting, double seconds, Random& random, bool rehearsal) {
  const std::vector<Part> parts = parts_of(setting.script);
  Walk walk;
  double time = 0;
  double jitter = 0;
  double drift = 0;
  double wal_jitter = 0;
  double wal_all = 0;
  for (int i = 0; i < steps; ++i) {
    const double work = (i + 0.5) / steps;
    double before = 0;
    const Part* part = &parts.front();
    for (const Part& candidate : parts) {
      part = &candidate;
      if (work < before + candidate.time || &candidate == &parts.back()) break;
      before += candidate.time;
    }
    jitter = 0.8 * jitter + normal(random, setting.noise * 0.6);
    drift += normal(random, setting.noise * 0.02);
    double slow = std::exp(jitter + drift);
    if (!rehearsal) {
      slow *= setting.slowness * (part->index ? setting.index_slowness : 1);
      if (work >= setting.slower_from) slow *= setting.slower_by;
      if (work >= setting.burst_from && work < setting.burst_to) slow *= setting.burst_slowness;
    }
    time += seconds / steps * slow;
    const double inside = std::clamp((work - before) / part->time, 0.0, 1.0);
    // What the step writes: nothing in a silent stretch; else evenly, with full-page images now and then.
    wal_jitter = 0.9 * wal_jitter + normal(random, 0.03);
    if (inside > part->silent)
      wal_all += part->wal / part->time / (1 - part->silent) / steps * std::exp(wal_jitter);
    walk.seconds.push_back(time);
    walk.wal.push_back(wal_all);
    walk.statement.push_back(part->statement.empty() ? parts.front().statement : part->statement);
    walk.wait.push_back(uniform(random, 0, 1));
  }
  return walk;
}

StepCost rehearse(const Setting& setting, Random& random) {
  const Walk rehearsed = walk(setting, rehearsed_seconds, random, true);
  StepCost cost;
  cost.direction = Direction::upgrade;
  cost.version = 20;
  cost.kind = "script";
  cost.seconds = rehearsed.seconds.back();
  const double all = 618.0 * static_cast<double>(rehearsed_rows);
  cost.wal_bytes = std::llround(all * rehearsed.wal.back());
  for (std::size_t i = 0; i < rehearsed.seconds.size(); i += 3) {
    cost.curve.push_back({rehearsed.seconds[i], std::llround(all * rehearsed.wal[i])});
    if (cost.phases.empty() || cost.phases.back().name != rehearsed.statement[i]) {
      PhaseCost phase;
      phase.kind = "statement";
      phase.name = rehearsed.statement[i];
      phase.began = i == 0 ? 0 : rehearsed.seconds[i];
      cost.phases.push_back(phase);
    }
  }
  cost.waits = {{"CPU", 0.88}, {"IO:DataFileRead", 0.12}};
  TableCost table;
  table.name = "queue_tasks_entities";
  table.rows_before = table.rows_after = rehearsed_rows;
  table.bytes_before = table.bytes_after = 620 * rehearsed_rows;
  cost.tables.push_back(table);
  return cost;
}

}  // namespace

const char* to_text(Script script) {
  switch (script) {
    case Script::insert:
      return "insert … select";
    case Script::row_loop:
      return "row loop";
    case Script::update:
      return "full update";
    case Script::rewrite:
      return "rewrite with two indexes";
    case Script::five_statements:
      return "five statements";
  }
  return "";
}

Run simulate(const Setting& setting, std::uint64_t seed) {
  Random random(seed);
  Run run;
  run.cost = rehearse(setting, random);
  const double rows = setting.rows * static_cast<double>(rehearsed_rows);
  run.scale.rows = std::llround(rows * setting.believed_rows);
  run.scale.bytes = std::llround(620 * rows);
  for (const Work work :
       {Work::scan_warm, Work::scan_cold, Work::write, Work::index_build, Work::cpu, Work::commit}) {
    run.scale.conversions.push_back({work, setting.converted_low, setting.converted_high, ""});
  }
  Rehearsal rehearsal;
  rehearsal.made_at = "2026-11-20 10:00:00Z";
  rehearsal.source = "copy";
  rehearsal.steps.push_back(run.cost);
  run.before = forecast_before(setting.rehearsed ? &rehearsal : nullptr, Direction::upgrade, 20, run.scale);

  const Walk real = walk(setting, rehearsed_seconds * setting.rows, random, false);
  run.seconds = real.seconds.back();
  const double all = 618.0 * rows * setting.wal;
  double foreign = 0;
  for (std::size_t i = 0; i + 1 < real.seconds.size(); ++i) {
    Sample look;
    look.seconds = real.seconds[i];
    const double ours = all * real.wal[i];
    const double work = static_cast<double>(i) / steps;
    // What others write in transactions that are open: in doubt until they end, in the next look or so.
    if (work >= setting.burst_from && work < setting.burst_to) {
      foreign = setting.burst_doubt * ours * uniform(random, 0, 1);
    } else {
      foreign = 0;
    }
    look.wal_bytes = std::llround(ours + foreign);
    look.wal_bytes_least = std::llround(ours);
    look.statement = real.statement[i];
    look.wait = real.wait[i] < 0.12 ? "IO:DataFileRead" : "";
    run.looks.push_back(look);
  }
  if (!setting.rehearsed) run.cost = {};
  return run;
}

namespace {

Estimator estimator_of(const Run& run) {
  return Estimator(run.cost.seconds > 0 ? &run.cost : nullptr, run.before, run.scale);
}

}  // namespace

std::vector<Told> told_at(const Run& run, const std::vector<double>& shares) {
  Estimator estimator = estimator_of(run);
  std::vector<Told> all;
  double elapsed = 0;
  const auto tell = [&] {
    Told told;
    told.forecast = estimator.left();
    const double left = run.seconds - elapsed;
    told.likely_over_truth = (elapsed + told.forecast.likely) / run.seconds;
    told.inside = told.forecast.range.low <= left && left <= told.forecast.range.high;
    told.width = (elapsed + told.forecast.range.high) / (elapsed + told.forecast.range.low);
    all.push_back(told);
  };
  for (const Sample& look : run.looks) {
    while (all.size() < shares.size() && look.seconds > shares[all.size()] * run.seconds) tell();
    if (all.size() == shares.size()) break;
    estimator.add(look);
    elapsed = look.seconds;
  }
  while (all.size() < shares.size()) tell();
  return all;
}

Fate run_in(const Run& run, double window, double turn_back) {
  Estimator estimator = estimator_of(run);
  Judge judge;
  for (const Sample& sample : run.looks) {
    estimator.add(sample);
    Look look;
    look.window = window;
    look.elapsed = look.step = sample.seconds;
    look.turn_back = turn_back * window;
    look.left = estimator.left();
    const Judgement judgement = judge.judge(look);
    if (judgement.verdict == Verdict::turn_back)
      return {sample.seconds / window, judgement.latest_turn_back <= 0};
  }
  return {};
}

Setting draw(Script script, Random& random) {
  Setting setting;
  setting.script = script;
  setting.rows = std::exp(uniform(random, std::log(0.8), std::log(12)));
  setting.believed_rows = std::exp(std::clamp(normal(random, 0.04), -0.2, 0.2));
  setting.slowness = std::exp(uniform(random, std::log(0.5), std::log(4)));
  setting.index_slowness = std::exp(std::clamp(normal(random, 0.12), -0.4, 0.4));
  setting.wal = std::exp(std::clamp(normal(random, 0.04), -0.15, 0.15));
  setting.noise = uniform(random, 0.03, 0.15);
  // A conversion is right nine times in ten, and else off by up to two.
  const double off = uniform(random, 0, 1) < 0.9 ? uniform(random, 0.85, 1.15) : uniform(random, 0.5, 2);
  setting.converted_low = setting.slowness * off * 0.85;
  setting.converted_high = setting.slowness * off / 0.85;
  if (uniform(random, 0, 1) < 0.08) {
    setting.slower_from = uniform(random, 0.05, 0.8);
    setting.slower_by = uniform(random, 1.2, 2);
  }
  if (uniform(random, 0, 1) < 0.3) {
    setting.burst_from = uniform(random, 0, 0.9);
    setting.burst_to = setting.burst_from + uniform(random, 0.01, 0.1);
    setting.burst_slowness = uniform(random, 1.2, 3);
    setting.burst_doubt = uniform(random, 0, 0.1);
  }
  return setting;
}

Setting draw_wrong(Script script, Random& random) {
  Setting setting = draw(script, random);
  setting.believed_rows = uniform(random, 0.8, 1.2);
  // Of the speed nothing is known that is true.
  const double off = std::exp(uniform(random, std::log(0.5), std::log(2)));
  setting.converted_low = setting.slowness * off * 0.85;
  setting.converted_high = setting.slowness * off / 0.85;
  return setting;
}

}  // namespace dbtool::window::simulation
