#include "cli/metrics.h"

#include "base/overloaded.h"
#include "cli/exposition.h"
#include "cli/progress_state.h"

namespace dbtool::cli {

namespace {

using Labels = Exposition::Labels;

double unix_time(Clock::Wall time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

double seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// Whether a run that ends so has met an error; findings and a stop on purpose are none.
bool is_error(ExitCode code) {
  return code != ExitCode::done && code != ExitCode::findings && code != ExitCode::stopped;
}

void add_run(Exposition& out, const Metrics& metrics, const Labels& labels, Clock::Wall now) {
  out.gauge("dbtool_running", "1 while the run goes on, 0 when it has ended.", labels,
            metrics.exit_status ? 0 : 1);
  out.gauge("dbtool_start_time_seconds", "When the run began, in seconds since 1970.", labels,
            unix_time(metrics.began));
  out.gauge("dbtool_update_time_seconds",
            "When this file was written; a running dbtool writes it every second.", labels, unix_time(now));
  out.counter("dbtool_errors_total", "Errors that have ended the run.", labels,
              is_error(metrics.exit_code) ? 1 : 0);
  out.counter("dbtool_warnings_total", "Warnings of the run.", labels, static_cast<double>(metrics.warnings));
  out.counter("dbtool_lock_retries_total", "Tries of a step for its locks that have failed.", labels,
              static_cast<double>(metrics.lock_retries));
  if (metrics.exit_status)
    out.gauge("dbtool_exit_status", "Exit status of the run.", labels, *metrics.exit_status);
  if (metrics.at) out.gauge("dbtool_version", "Version that the database is at.", labels, *metrics.at);
  if (!metrics.run) return;
  Labels directed = labels;
  directed.emplace_back("direction", to_text(metrics.run->direction));
  out.gauge("dbtool_goal_version", "Version that the run is to reach.", directed, metrics.run->goal);
  out.gauge("dbtool_steps", "Steps of the run.", directed, metrics.run->steps);
  out.gauge("dbtool_steps_done", "Steps of the run that are done.", directed, metrics.steps_done);
  if (metrics.step)
    out.gauge("dbtool_step_version", "Version of the step under way.", directed, metrics.step->version);
}

void add_progress(Exposition& out, const Metrics& metrics, const Labels& labels) {
  const OnlinePulse* pulse = metrics.pulse ? &*metrics.pulse : nullptr;
  const BatchDone* batch = metrics.batch ? &*metrics.batch : nullptr;
  const std::int64_t done = batch != nullptr ? batch->rows_done : pulse->rows_done;
  const std::optional<std::int64_t> total = batch != nullptr ? batch->rows_total : pulse->rows_total;
  // The pulse comes also when no batch ends: its rates fall then.
  const double overall = pulse != nullptr ? pulse->rows_per_second : batch->rows_per_second;
  const double recent = pulse != nullptr ? pulse->recent_rows_per_second : batch->recent_rows_per_second;
  out.gauge("dbtool_online_verifying", "1 while rows are compared, 0 while they are moved.", labels,
            batch != nullptr ? batch->verifies : pulse->verifies);
  out.gauge("dbtool_online_rows_done", "Rows moved (or compared) so far, over all runs.", labels,
            static_cast<double>(done));
  if (total) {
    out.gauge("dbtool_online_rows_estimated", "Estimate of the rows that there are to handle.", labels,
              static_cast<double>(*total));
    if (*total > 0)
      out.gauge("dbtool_online_done_ratio", "Share of the rows that is done, 0 to 1.", labels,
                static_cast<double>(done) / static_cast<double>(*total));
  }
  out.gauge("dbtool_online_rows_per_second", "Rows a second since the run began.", labels, overall);
  out.gauge("dbtool_online_recent_rows_per_second", "Rows a second over the last half minute.", labels,
            recent);
  if (const auto left = time_left(done, total, overall, recent)) {
    out.gauge("dbtool_online_eta_low_seconds", "Time left at the better of both rates.", labels, left->low);
    out.gauge("dbtool_online_eta_high_seconds", "Time left at the worse of both rates.", labels, left->high);
  }
}

void add_batches(Exposition& out, const Metrics& metrics, const Labels& labels) {
  out.counter("dbtool_online_batches_total", "Batches that this run has committed.", labels,
              static_cast<double>(metrics.batches));
  out.counter("dbtool_online_batches_repeated_total",
              "Batches that failed and were tried again, with half the rows or on a new connection.", labels,
              static_cast<double>(metrics.batches_repeated));
  out.counter("dbtool_online_rate_collapses_total", "How often the rate has collapsed in this run.", labels,
              static_cast<double>(metrics.collapses));
  out.gauge("dbtool_online_differing_rows", "Rows that verify has found to differ in this run.", labels,
            static_cast<double>(metrics.differing));
  if (!metrics.batch) return;
  out.gauge("dbtool_online_batch_seconds", "How long the last batch took.", labels,
            seconds(metrics.batch->duration));
  out.gauge("dbtool_online_batch_size_rows", "Rows that the last batch was asked for.", labels,
            metrics.batch->batch_size);
  out.gauge("dbtool_online_last_batch_time_seconds",
            "When the last batch was committed, in seconds since 1970.", labels,
            unix_time(metrics.batch_ended));
}

Labels with(const Labels& labels, const std::string& name, const std::string& value) {
  Labels more = labels;
  more.emplace_back(name, value);
  return more;
}

void add_signals(Exposition& out, const OnlinePulse& pulse, const Labels& labels) {
  if (pulse.signals.empty()) return;
  using enum Exposition::Type;
  out.family("dbtool_throttle_load_ratio", gauge, "Value of a signal by its limit; 1 or more is too much.");
  for (const SignalState& signal : pulse.signals)
    out.sample(with(labels, "signal", signal.name), signal.load);
  out.family("dbtool_throttle_ruling", gauge, "1 for the most loaded signal, 0 for the others.");
  for (const SignalState& signal : pulse.signals)
    out.sample(with(labels, "signal", signal.name), signal.rules ? 1 : 0);
  out.family("dbtool_throttle_lost", gauge, "1 where a signal cannot be read, which counts as too much.");
  for (const SignalState& signal : pulse.signals)
    out.sample(with(labels, "signal", signal.name), signal.lost ? 1 : 0);
  const auto numbers = [&](std::string_view name, std::string_view help,
                           std::optional<double> SignalState::*number) {
    bool begun = false;
    for (const SignalState& signal : pulse.signals) {
      if (!(signal.*number)) continue;
      if (!begun) out.family(name, gauge, help);
      begun = true;
      out.sample(with(with(labels, "signal", signal.name), "unit", signal.unit), *(signal.*number));
    }
  };
  numbers("dbtool_throttle_value", "What a signal has measured, in its unit.", &SignalState::value);
  numbers("dbtool_throttle_limit", "The limit of a signal, in its unit.", &SignalState::limit);
}

void add_pace(Exposition& out, const OnlinePulse& pulse, const Labels& labels) {
  out.gauge("dbtool_online_workers", "Workers that may work now; 0: everything stands still.", labels,
            pulse.workers);
  out.gauge("dbtool_online_workers_wished", "Workers without throttle and pause.", labels,
            pulse.workers_wished);
  out.gauge("dbtool_online_paused", "1 while somebody has paused it.", labels, pulse.paused ? 1 : 0);
  out.gauge("dbtool_online_slowed", "1 while something slows it down on purpose.", labels,
            pulse.note.empty() ? 0 : 1);
  out.gauge("dbtool_online_rate_collapsed",
            "1 while batches are many times slower than before, and nobody wished it.", labels,
            pulse.collapsed ? 1 : 0);
  out.gauge("dbtool_online_batch_target_seconds", "How long a batch is to take now.", labels,
            seconds(pulse.batch_time));
  out.gauge("dbtool_online_pause_seconds", "Pause of a worker between two batches.", labels,
            seconds(pulse.pause));
}

void begin_online(Metrics& metrics) {
  metrics.pulse.reset();
  metrics.batch.reset();
  metrics.batches = metrics.batches_repeated = metrics.differing = metrics.collapses = 0;
}

}  // namespace

void advance(Metrics& metrics, const Event& event, Clock::Wall now) {
  std::visit(Overloaded{
                 [&](const Connected& connected) {
                   metrics.database = connected.name.empty() ? connected.database : connected.name;
                 },
                 [&](const RunStarted& run) {
                   metrics.run = run;
                   metrics.at = run.from;
                 },
                 [&](const StepStarted& step) {
                   metrics.step = step;
                   begin_online(metrics);
                 },
                 [](const ScriptNotice&) {},
                 [&](const LockRetry&) { ++metrics.lock_retries; },
                 [](const StatementDone&) {},
                 [&](const BatchDone& batch) {
                   metrics.batch = batch;
                   metrics.batch_ended = now;
                   ++metrics.batches;
                   metrics.differing += batch.differing;
                 },
                 [&](const BatchRepeated&) { ++metrics.batches_repeated; },
                 [&](const OnlinePulse& pulse) { metrics.pulse = pulse; },
                 [](const StepForecast&) {},
                 [](const TurningBack&) {},
                 [&](const RateCollapsed&) {
                   ++metrics.collapses;
                   ++metrics.warnings;
                 },
                 [&](const StepDone& done) {
                   metrics.step.reset();
                   ++metrics.steps_done;
                   metrics.at = done.at;
                 },
                 [&](const Message& message) {
                   if (message.level == Message::Level::warning) ++metrics.warnings;
                 },
             },
             event);
}

std::string exposition(const Metrics& metrics, Clock::Wall now) {
  Exposition out;
  const Labels labels{{"database", metrics.database}};
  add_run(out, metrics, labels, now);
  if (metrics.pulse || metrics.batch) {
    const Direction direction = metrics.batch ? metrics.batch->direction : metrics.pulse->direction;
    const int version = metrics.batch ? metrics.batch->version : metrics.pulse->version;
    const Labels online =
        with(with(labels, "version", std::to_string(version)), "direction", to_text(direction));
    add_progress(out, metrics, online);
    add_batches(out, metrics, online);
    if (metrics.pulse) {
      add_pace(out, *metrics.pulse, online);
      add_signals(out, *metrics.pulse, online);
    }
  }
  return out.text();
}

}  // namespace dbtool::cli
