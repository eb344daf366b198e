#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/output_files.h"
#include "cli/recorded_run.h"
#include "cli/unreadable.h"
#include "cli/window_text.h"
#include "ledger/latency.h"
#include "ledger/window.h"
#include "report/run_report.h"

namespace dbtool::cli {

namespace {

using Json = nlohmann::ordered_json;

/// What belongs to a run beside its records.
struct RunDetails {
  std::vector<ledger::SampleRecord> samples;
  std::vector<ledger::CurveRecord> curve;
  std::vector<ledger::LatencyRecord> latency;
  std::optional<ledger::WindowRecord> window;
};

RunDetails read_details(pg::Connection& connection, const ledger::RunRecord& run) {
  RunDetails details{ledger::read_samples(connection, run.id, run.id),
                     ledger::read_curve(connection, run.id),
                     ledger::read_latency(connection, run.id),
                     {}};
  auto windows =
      ledger::windows_between(connection, run.started_epoch, run.started_epoch + std::max(run.seconds, 1e-3));
  if (!windows.empty()) details.window = std::move(windows.back());
  return details;
}

template <class Record>
bool belongs(const Record& record, const RecordedStep& step) {
  return record.version == step.version && record.direction == step.direction;
}

report::RunStep to_report(const RecordedStep& step, const RecordedRun& run, const RunDetails& details) {
  report::RunStep to;
  to.version = step.version;
  to.direction = to_text(step.direction);
  to.outcome = step.outcome;
  to.done = step.done;
  to.began = step.began;
  to.seconds = step.seconds;
  to.wal_bytes = step.wal_bytes;
  if (step.forecast) {
    to.forecast = true;
    to.low = step.forecast->low;
    to.high = step.forecast->high;
    to.source = step.forecast->source;
  }
  // Batches are of the online part; looks and locks of the script before it. What failed after a script that
  // is done was the online part.
  const bool script_done = std::any_of(run.steps.begin(), run.steps.end(), [&](const RecordedStep& other) {
    return other.done && other.outcome == "done" && belongs(other, step);
  });
  const bool script = step.outcome == "done" || (!step.done && !script_done);
  for (const ledger::SampleRecord& sample : details.samples) {
    if (script && belongs(sample, step))
      to.samples.push_back({sample.seconds, sample.wal_bytes, sample.left_low, sample.left_high, sample.phase,
                            sample.wait, sample.waiting});
  }
  for (const ledger::LockRecord& lock : run.locks) {
    if (script && belongs(lock, step))
      to.locks.push_back({lock.table, lock.mode, lock.began, lock.seconds, lock.waited_for,
                          ledger::keeps_from_reading(lock.mode), ledger::keeps_from_writing(lock.mode)});
  }
  for (const ledger::CurveRecord& one : details.curve) {
    if (step.outcome != "done" && belongs(one.point, step))
      to.batches.push_back(
          {one.seconds, one.point.rows_per_second, one.point.batch_size, one.point.workers, one.point.note});
  }
  for (const ledger::LatencyRecord& one : details.latency) {
    if (step.outcome != "done" && belongs(one, step))
      to.latency.push_back(
          {one.measure, one.began, one.seconds, one.looks, one.failed, one.median, one.worst, one.limit});
  }
  return to;
}

report::RunReport to_report(const RecordedRun& run, const RunDetails& details) {
  const ledger::RunRecord& record = run.record;
  report::RunReport to;
  to.run = record.id;
  to.command = record.command;
  to.outcome = record.outcome;
  to.message = record.message;
  to.from = record.from;
  to.goal = record.goal;
  to.started_at = record.started_at;
  to.finished_at = record.finished_at;
  to.seconds = record.seconds;
  to.by = record.os_user + " on " + record.host;
  to.program = program_version();
  if (details.window) {
    const ledger::WindowRecord& window = *details.window;
    to.window = report::RunWindow{window.number,
                                  window.opened_at,
                                  window.closes_at,
                                  window.closed_at,
                                  window.opened_epoch - record.started_epoch,
                                  window.closes_epoch - record.started_epoch,
                                  {},
                                  window.reserve};
    if (!window.is_open()) to.window->closed = to.window->opened + window.elapsed;
  }
  for (const RecordedStep& step : run.steps) to.steps.push_back(to_report(step, run, details));
  for (const window::TableDowntime& table : window::downtime_by_table(closures_of(run)))
    to.downtime.push_back({table.table, table.not_readable, table.not_writable});
  return to;
}

Json number_or_null(std::optional<double> value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string as_json(const RecordedRun& run, const RunDetails& details,
                    const window::Calibration& calibration) {
  Json json = recorded_json(run);
  json["window"] = window_json(details.window);
  json["calibration"] = calibration_json(calibration);
  auto samples = Json::array();
  for (const ledger::SampleRecord& sample : details.samples)
    samples.push_back({{"version", sample.version},
                       {"direction", to_text(sample.direction)},
                       {"seconds", sample.seconds},
                       {"wal_bytes", sample.wal_bytes},
                       {"left_low_seconds", number_or_null(sample.left_low)},
                       {"left_high_seconds", number_or_null(sample.left_high)},
                       {"phase", sample.phase},
                       {"wait", sample.wait},
                       {"waiting", sample.waiting}});
  auto locks = Json::array();
  for (const ledger::LockRecord& lock : run.locks)
    locks.push_back({{"version", lock.version},
                     {"direction", to_text(lock.direction)},
                     {"table", lock.table},
                     {"mode", lock.mode},
                     {"began_seconds", lock.began},
                     {"seconds", lock.seconds},
                     {"waited_for", lock.waited_for}});
  auto batches = Json::array();
  for (const ledger::CurveRecord& one : details.curve)
    batches.push_back({{"version", one.point.version},
                       {"direction", to_text(one.point.direction)},
                       {"seconds", one.seconds},
                       {"rows_done", one.point.rows_done},
                       {"rows_per_second", one.point.rows_per_second},
                       {"workers", one.point.workers},
                       {"batch_size", one.point.batch_size},
                       {"batch_seconds", one.point.batch_seconds},
                       {"note", one.point.note}});
  auto latency = Json::array();
  for (const ledger::LatencyRecord& one : details.latency)
    latency.push_back({{"version", one.version},
                       {"direction", to_text(one.direction)},
                       {"measure", one.measure},
                       {"began_seconds", one.began},
                       {"seconds", one.seconds},
                       {"looks", one.looks},
                       {"failed", one.failed},
                       {"median_seconds", number_or_null(one.median)},
                       {"worst_seconds", number_or_null(one.worst)},
                       {"limit_seconds", one.limit}});
  json["samples"] = std::move(samples);
  json["locks"] = std::move(locks);
  json["batches"] = std::move(batches);
  json["latency"] = std::move(latency);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<std::int64_t> wanted_run(const Arguments& arguments) {
  const auto number = arguments.integer("RUN");
  if (!number) return std::nullopt;
  return *number;
}

ExitCode run_report(Context& context, const Arguments& arguments) {
  const std::optional<std::int64_t> number = wanted_run(arguments);
  const auto file = arguments.text("html");
  const bool markdown = arguments.has("markdown");
  if ((file && markdown) || (markdown && context.json()))
    throw Error(ExitCode::usage, "a report is HTML, Markdown or JSON",
                "give one of --html FILE, --markdown, --format json");
  pg::Connection connection = context.connect();
  warn_of_unreadable(context, connection);
  const RecordedRun run = read_recorded_run(connection, number);
  const RunDetails details = read_details(connection, run.record);
  const window::Calibration calibration =
      window::calibrate(outcomes_of(read_recorded(connection, std::numeric_limits<int>::max())));
  report::RunReport report = to_report(run, details);
  report.name = ledger::read_name(connection);
  report.calibration = calibration_text(calibration);
  if (file) {
    const std::string page = report::run_html(report);
    if (*file == "-") {
      context.print(page);
    } else {
      write_output(*file, page);
      context.note(fmt::format("run {}: {}", run.record.id, *file));
    }
  }
  if (context.json())
    context.print(as_json(run, details, calibration));
  else if (!file)
    context.print(report::run_markdown(report));
  return ExitCode::done;
}

}  // namespace

Command report_command() {
  Command command;
  command.name = "report";
  command.summary = "one run: what was forecast and what came, phases, locks, batches, the window's clock";
  command.description =
      "Markdown on stdout, to be pasted into a ticket; --html writes one page with drawings, which needs no "
      "network and is readable on a phone. Without RUN it is the newest one; dbtool history lists them.";
  command.operands = {{"RUN", "number of the run (default: the newest)"}};
  command.options = {
      {"html", 0, "FILE", "write one self-contained page; -: to stdout", false, {}, Completes::files},
      {"markdown", 0, "", "Markdown, which it is without any option"}};
  command.examples = {"dbtool --target firefox-ci report 41 --html night.html",
                      "dbtool --local report --markdown"};
  command.run = run_report;
  return command;
}

}  // namespace dbtool::cli
