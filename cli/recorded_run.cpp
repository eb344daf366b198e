#include "cli/recorded_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/window_text.h"
#include "ledger/readable.h"
#include "pg/quote.h"

namespace dbtool::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* online_part = "online part done";

bool same_step(const auto& a, const auto& b) {
  return a.version == b.version && a.direction == b.direction;
}

// A forecast is of the step's script, whose row is not that of the online part, or of that; of a script that
// is done where there is one, else of the failed one.
void add_forecasts(RecordedRun& run, const std::vector<ledger::ForecastRecord>& forecasts) {
  for (const ledger::ForecastRecord& forecast : forecasts) {
    if (forecast.during || forecast.run != run.record.id) continue;
    RecordedStep* of = nullptr;
    for (RecordedStep& step : run.steps) {
      if (!same_step(step, forecast) || (step.outcome == online_part) != forecast.online) continue;
      if (of == nullptr || !of->done) of = &step;
    }
    if (of != nullptr) of->forecast = forecast;
  }
}

Json step_json(const RecordedStep& step) {
  Json json{{"version", step.version},      {"direction", to_text(step.direction)},
            {"outcome", step.outcome},      {"started", step.started_at},
            {"finished", step.finished_at}, {"seconds", step.seconds},
            {"wal_bytes", nullptr},         {"predicted", nullptr}};
  if (step.wal_bytes) json["wal_bytes"] = *step.wal_bytes;
  if (step.forecast) {
    json["predicted"] = {
        {"low_seconds", nullptr}, {"high_seconds", nullptr}, {"source", step.forecast->source}};
    if (step.forecast->low) json["predicted"]["low_seconds"] = *step.forecast->low;
    if (step.forecast->high) json["predicted"]["high_seconds"] = *step.forecast->high;
  }
  return json;
}

std::vector<RecordedRun> joined(pg::Connection& connection, std::vector<ledger::RunRecord> records) {
  std::vector<RecordedRun> runs;
  if (records.empty()) return runs;
  const std::int64_t oldest = records.back().id;
  const std::int64_t newest = records.front().id;
  const auto steps = ledger::read_steps(connection, oldest, newest);
  const auto failed = ledger::read_failed_steps(connection, oldest, newest);
  const auto forecasts = ledger::read_forecasts(connection, oldest, newest);
  const auto locks = ledger::read_locks(connection, oldest, newest);
  for (ledger::RunRecord& record : records) {
    RecordedRun run{std::move(record), {}, {}};
    for (const ledger::StepRecord& step : steps) {
      if (step.run != run.record.id) continue;
      run.steps.push_back({step.version, step.direction, step.outcome, step.started_at, step.finished_at,
                           step.began, step.seconds, step.wal_bytes, true, std::nullopt});
    }
    for (const ledger::FailedStepRecord& step : failed) {
      if (step.run != run.record.id) continue;
      run.steps.push_back({step.version, step.direction, step.outcome, step.started_at, step.finished_at,
                           step.began, step.seconds, std::nullopt, false, std::nullopt});
    }
    for (const ledger::LockRecord& lock : locks) {
      if (lock.run == run.record.id) run.locks.push_back(lock);
    }
    add_forecasts(run, forecasts);
    runs.push_back(std::move(run));
  }
  return runs;
}

/// Runs that may not be read are not none.
void refuse_unreadable(pg::Connection& connection) {
  const std::vector<std::string> hidden = ledger::unreadable_tables(connection);
  if (std::find(hidden.begin(), hidden.end(), "dbtool.runs") != hidden.end())
    throw Error(ExitCode::failed, "this user may not read dbtool.runs, where the runs are recorded",
                fmt::format("grant select on all tables in schema dbtool to {}",
                            pg::quote_identifier(connection.user())));
}

}  // namespace

std::vector<RecordedRun> read_recorded(pg::Connection& connection, int limit) {
  refuse_unreadable(connection);
  return joined(connection, ledger::read_runs(connection, limit));
}

RecordedRun read_recorded_run(pg::Connection& connection, std::optional<std::int64_t> number) {
  refuse_unreadable(connection);
  std::vector<ledger::RunRecord> records =
      ledger::read_runs(connection, number ? std::numeric_limits<int>::max() : 1);
  if (number) std::erase_if(records, [&](const ledger::RunRecord& record) { return record.id != *number; });
  std::vector<RecordedRun> runs = joined(connection, std::move(records));
  if (runs.empty())
    throw Error(ExitCode::failed,
                number ? fmt::format("no run {} is recorded", *number) : "no runs are recorded",
                "dbtool history lists them");
  return std::move(runs.front());
}

std::vector<window::Closure> closures_of(const RecordedRun& run) {
  std::vector<window::Closure> closures;
  for (const ledger::LockRecord& lock : run.locks) {
    if (!ledger::keeps_from_writing(lock.mode)) continue;
    double began = lock.began;
    for (const RecordedStep& step : run.steps) {
      if (!same_step(step, lock) || step.outcome == online_part) continue;
      began = step.began + lock.began;
      break;
    }
    closures.push_back({lock.table, began, lock.seconds, ledger::keeps_from_reading(lock.mode)});
  }
  return closures;
}

std::vector<window::Outcome> outcomes_of(const std::vector<RecordedRun>& runs) {
  std::vector<window::Outcome> outcomes;
  for (const RecordedRun& run : runs) {
    for (const RecordedStep& step : run.steps) {
      if (!step.forecast || !step.forecast->low || !step.forecast->high) continue;
      outcomes.push_back({*step.forecast->low, *step.forecast->high, step.seconds, step.done});
    }
  }
  return outcomes;
}

std::string range_text(std::optional<double> low, std::optional<double> high) {
  if (!low || !high) return "unknown";
  return length_text(*low) + " – " + length_text(*high);
}

std::string calibration_text(const window::Calibration& calibration) {
  if (calibration.steps == 0) return "";
  std::string text =
      calibration.steps == 1 ? "forecasts: 1 step" : fmt::format("forecasts: {} steps", calibration.steps);
  if (calibration.median_error)
    text += fmt::format(", median error {:.0f} %", *calibration.median_error * 100);
  return text + fmt::format(", {} of {} inside the range", calibration.inside, calibration.steps);
}

Json recorded_json(const RecordedRun& run) {
  auto steps = Json::array();
  auto failed = Json::array();
  for (const RecordedStep& step : run.steps) (step.done ? steps : failed).push_back(step_json(step));
  const auto closures = closures_of(run);
  auto tables = Json::array();
  for (const window::TableDowntime& table : window::downtime_by_table(closures))
    tables.push_back({{"table", table.table},
                      {"not_readable_seconds", table.not_readable},
                      {"not_writable_seconds", table.not_writable}});
  const ledger::RunRecord& record = run.record;
  return {{"run", record.id},
          {"command", record.command},
          {"from", record.from},
          {"goal", record.goal},
          {"outcome", record.outcome},
          {"message", record.message},
          {"started", record.started_at},
          {"finished", record.finished_at},
          {"seconds", record.seconds},
          {"database_user", record.database_user},
          {"os_user", record.os_user},
          {"host", record.host},
          {"pid", record.pid},
          {"steps", std::move(steps)},
          {"failed_steps", std::move(failed)},
          {"downtime_seconds", window::downtime(closures)},
          {"downtime", std::move(tables)}};
}

Json calibration_json(const window::Calibration& calibration) {
  Json json{{"steps", calibration.steps}, {"inside_range", calibration.inside}, {"median_error", nullptr}};
  if (calibration.median_error) json["median_error"] = *calibration.median_error;
  return json;
}

}  // namespace dbtool::cli
