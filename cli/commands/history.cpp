#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/budget.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/recorded_run.h"
#include "cli/table.h"
#include "cli/unreadable.h"
#include "cli/window_text.h"

namespace dbtool::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string steps_text(const RecordedRun& run) {
  const auto done =
      std::count_if(run.steps.begin(), run.steps.end(), [](const RecordedStep& step) { return step.done; });
  return done == 0 ? "none" : fmt::format("{} in {}", done, length_text(run.record.seconds));
}

/// The database's time without its fraction of a second: "2026-11-23 23:40:10+00".
std::string short_time(const std::string& time) {
  const std::size_t dot = time.find('.');
  if (dot == std::string::npos) return time;
  const std::size_t zone = time.find_first_of("+-", dot);
  return time.substr(0, dot) + (zone == std::string::npos ? "" : time.substr(zone));
}

std::string as_table(const std::vector<RecordedRun>& runs, const Style& style) {
  if (runs.empty()) return "no runs are recorded\n";
  std::vector<std::vector<std::string>> rows;
  for (const RecordedRun& run : runs)
    rows.push_back({std::to_string(run.record.id), short_time(run.record.started_at),
                    run.record.os_user + "@" + run.record.host, run.record.command,
                    fmt::format("{} → {}", run.record.from, run.record.goal), run.record.outcome,
                    steps_text(run), run.record.message});
  return render_table({"run", "started", "by", "command", "versions", "outcome", "steps", "message"}, rows,
                      style);
}

/// Steps of which something was forecast: that, and what became of it.
std::string forecasts_table(const std::vector<RecordedRun>& runs, const Style& style) {
  std::vector<std::vector<std::string>> rows;
  for (const RecordedRun& run : runs) {
    for (const RecordedStep& step : run.steps) {
      if (!step.forecast) continue;
      rows.push_back(
          {std::to_string(run.record.id), fmt::format("{} {}", to_text(step.direction), step.version),
           range_text(step.forecast->low, step.forecast->high),
           length_text(step.seconds) + (step.done ? "" : ", " + step.outcome), step.forecast->source});
    }
  }
  return rows.empty()
             ? ""
             : "\n" + render_table({"run", "step", "predicted", "took", "predicted from"}, rows, style);
}

/// Tables that services could not use, and how long.
std::string downtime_table(const std::vector<RecordedRun>& runs, const Style& style) {
  std::vector<std::vector<std::string>> rows;
  for (const RecordedRun& run : runs) {
    for (const window::TableDowntime& table : window::downtime_by_table(closures_of(run)))
      rows.push_back({std::to_string(run.record.id), table.table, length_text(table.not_writable),
                      length_text(table.not_readable)});
  }
  return rows.empty() ? ""
                      : "\n" + render_table({"run", "table", "not writable", "not readable"}, rows, style);
}

ExitCode run_history(Context& context, const Arguments& arguments) {
  const int limit = arguments.integer("limit").value_or(20);
  std::optional<Budget> budget;
  if (const auto text = arguments.text("budget")) budget = read_budget(*text);
  pg::Connection connection = context.connect();
  warn_of_unreadable(context, connection);
  // Forecasts are judged over all of them.
  std::vector<RecordedRun> runs = read_recorded(connection, std::numeric_limits<int>::max());
  const window::Calibration calibration = window::calibrate(outcomes_of(runs));
  std::optional<BudgetUse> use;
  if (budget) use = budget_use(connection, *budget, runs);
  if (runs.size() > static_cast<std::size_t>(limit)) runs.resize(static_cast<std::size_t>(limit));
  if (context.json()) {
    auto array = Json::array();
    for (const RecordedRun& run : runs) array.push_back(recorded_json(run));
    Json json = array;
    // An array is what programs read since the first of them was written.
    if (use || arguments.has("calibration")) {
      json = {{"runs", array}, {"calibration", calibration_json(calibration)}, {"budget", nullptr}};
      if (use) json["budget"] = budget_json(*use);
    }
    context.print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    return ExitCode::done;
  }
  const Style& style = context.style();
  // Who asks for none wants what is said of all of them.
  std::string text =
      limit == 0 ? "" : as_table(runs, style) + forecasts_table(runs, style) + downtime_table(runs, style);
  const std::string judged = calibration_text(calibration);
  if (!judged.empty()) {
    text += "\n" + judged + "\n";
  } else if (arguments.has("calibration")) {
    text += "\nno step with a forecast has run yet\n";
  }
  if (use) text += "\n" + budget_text(*use, style);
  context.print(text);
  return ExitCode::done;
}

}  // namespace

Command history_command() {
  Command command;
  command.name = "history";
  command.summary = "every run: who, when, which versions, how it ended, how long it took";
  command.description =
      "Below the runs: what was forecast of steps and what they took, and for how long which tables could "
      "not "
      "be written or read. The last line says how good the forecasts were, over all runs. --budget holds the "
      "time in which services could not work against what they may: windows from closed to reopened, and "
      "outside of windows the time in which a run kept any table from being written.";
  command.options = {
      {"limit", 0, "N", "the newest N runs (default 20)"},
      {"budget", 0, "TIME/PERIOD", "how much downtime is left, e.g. 14h/quarter"},
      {"calibration", 0, "", "say how good the forecasts were also in JSON, or that none was made"}};
  command.examples = {"dbtool --target community history --limit 100 --format json",
                      "dbtool --target community history --budget 14h/quarter"};
  command.run = run_history;
  return command;
}

}  // namespace dbtool::cli
