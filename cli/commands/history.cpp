#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

#include "base/duration.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/table.h"
#include "ledger/ledger.h"

namespace dbtool::cli {

namespace {

struct Run {
  ledger::RunRecord record;
  std::vector<ledger::StepRecord> steps;
};

std::string steps_text(const Run& run) {
  const auto time = dbtool::to_text(std::chrono::milliseconds(std::llround(run.record.seconds * 1000)));
  return run.steps.empty() ? "none" : fmt::format("{} in {}", run.steps.size(), time);
}

/// The database's time without its fraction of a second: "2026-11-23 23:40:10+00".
std::string short_time(const std::string& time) {
  const std::size_t dot = time.find('.');
  if (dot == std::string::npos) return time;
  const std::size_t zone = time.find_first_of("+-", dot);
  return time.substr(0, dot) + (zone == std::string::npos ? "" : time.substr(zone));
}

std::string as_table(const std::vector<Run>& runs, const Style& style) {
  if (runs.empty()) return "no runs are recorded\n";
  std::vector<std::vector<std::string>> rows;
  for (const Run& run : runs)
    rows.push_back({std::to_string(run.record.id), short_time(run.record.started_at),
                    run.record.os_user + "@" + run.record.host, run.record.command,
                    fmt::format("{} → {}", run.record.from, run.record.goal), run.record.outcome,
                    steps_text(run), run.record.message});
  return render_table({"run", "started", "by", "command", "versions", "outcome", "steps", "message"}, rows,
                      style);
}

std::string as_json(const std::vector<Run>& runs) {
  auto array = nlohmann::ordered_json::array();
  for (const Run& run : runs) {
    auto steps = nlohmann::ordered_json::array();
    for (const ledger::StepRecord& step : run.steps)
      steps.push_back({{"version", step.version},
                       {"direction", to_text(step.direction)},
                       {"outcome", step.outcome},
                       {"started", step.started_at},
                       {"finished", step.finished_at},
                       {"seconds", step.seconds},
                       {"wal_bytes", step.wal_bytes}});
    array.push_back({{"run", run.record.id},
                     {"command", run.record.command},
                     {"from", run.record.from},
                     {"goal", run.record.goal},
                     {"outcome", run.record.outcome},
                     {"message", run.record.message},
                     {"started", run.record.started_at},
                     {"finished", run.record.finished_at},
                     {"seconds", run.record.seconds},
                     {"database_user", run.record.database_user},
                     {"os_user", run.record.os_user},
                     {"host", run.record.host},
                     {"pid", run.record.pid},
                     {"steps", steps}});
  }
  return array.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

ExitCode run_history(Context& context, const Arguments& arguments) {
  const int limit = arguments.integer("limit").value_or(20);
  pg::Connection connection = context.connect();
  std::vector<Run> runs;
  for (ledger::RunRecord& record : ledger::read_runs(connection, limit)) {
    auto steps = ledger::read_steps(connection, record.id);
    runs.push_back({std::move(record), std::move(steps)});
  }
  context.print(context.json() ? as_json(runs) : as_table(runs, context.style()));
  return ExitCode::done;
}

}  // namespace

Command history_command() {
  Command command;
  command.name = "history";
  command.summary = "every run: who, when, which versions, how it ended, how long it took";
  command.options = {{"limit", 0, "N", "the newest N runs (default 20)"}};
  command.examples = {"dbtool --local history",
                      "dbtool --target community history --limit 100 --format json"};
  command.run = run_history;
  return command;
}

}  // namespace dbtool::cli
