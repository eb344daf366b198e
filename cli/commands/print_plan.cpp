#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands/goal.h"
#include "cli/commands/move.h"
#include "cli/commands/window_wish.h"
#include "cli/disk_text.h"
#include "cli/forecast_json.h"
#include "cli/forecast_text.h"
#include "cli/terminal.h"
#include "cli/wait_text.h"
#include "run/beside_steps.h"
#include "run/downtime_rule.h"
#include "run/listeners.h"
#include "run/recorded.h"
#include "run/run.h"
#include "run/server_range.h"
#include "run/step_sql.h"

namespace dbtool::cli {

namespace {

using nlohmann::ordered_json;

ordered_json to_json(const run::Listener& listener) {
  return {{"kind", run::to_text(listener.kind)},
          {"name", listener.name},
          {"hears", listener.hears},
          {"state", listener.state},
          {"message", listener.message}};
}

ordered_json to_json(const run::Step& step, const Settings& settings, int server_version) {
  run::Plan single;
  single.direction = run::direction_of(step);
  single.steps.push_back(step);
  const Version& version = run::version_of(step);
  return {{"direction", to_text(run::direction_of(step))},
          {"version", version.number},
          {"description", version.description},
          {"kind", run::kind_of(step)},
          {"loses", version.loses},
          {"listeners", ordered_json::array()},
          {"sql", run::to_sql(single, settings, server_version)}};
}

/// What a plan is expected to cost.
struct Costs {
  run::Knowledge knowledge;
  run::Total total;
  run::DiskForecast disk;
  std::optional<run::Total> online;           ///< of online parts; nullopt: there is none
  std::optional<run::Total> way_back;         ///< of an upgrade: from its goal to where it began
  std::optional<run::Total> online_way_back;  ///< of it the online parts
  std::optional<double> window_left;          ///< until the database must be done; nullopt: no window
  run::Preflight against_window;              ///< what speaks against beginning it in the window
  WindowSettings rules;

  std::string advice(const run::Step& step) const {
    return run::downtime_advice(knowledge, rules, step, window_left);
  }
};

Costs costs_of(const Project& project, const run::Plan& plan, run::Knowledge knowledge) {
  Costs costs;
  costs.knowledge = std::move(knowledge);
  costs.rules = project.settings.window;
  costs.total = run::predict(costs.knowledge, plan);
  costs.online = run::predict_online(costs.knowledge, plan);
  if (plan.direction == Direction::downgrade) return costs;
  costs.way_back.emplace();
  for (int number = plan.from + 1; number <= plan.goal; ++number) {
    const Version& version = project.version(number);
    costs.way_back->add(number, run::predict(costs.knowledge, Direction::downgrade, version));
    if (!run::begins_online(version, Direction::downgrade)) continue;
    if (!costs.online_way_back) costs.online_way_back.emplace();
    costs.online_way_back->add(number, run::predict_online(costs.knowledge, Direction::downgrade, version));
  }
  return costs;
}

const StepCost* rehearsed(const Costs& costs, const run::Step& step) {
  if (!costs.knowledge.rehearsal || std::holds_alternative<run::OnlineStep>(step)) return nullptr;
  return costs.knowledge.rehearsal->step(run::direction_of(step), run::version_of(step).number);
}

std::string cost_text(const run::Step& step, const window::StepRoom& room, const Costs& costs) {
  const window::Forecast forecast = run::predict(costs.knowledge, step);
  std::string text;
  const bool quick = forecast.trust == window::Trust::weak && forecast.range.high <= 1;
  if (!quick) text += fmt::format("--         takes {}\n", one_line(forecast_text(forecast)));
  if (const StepCost* cost = rehearsed(costs, step)) {
    for (const std::string& wait : foremost_wait_texts(*cost))
      text += fmt::format("--         {}\n", one_line(wait));
  }
  const std::string disk = room_text(room);
  if (!disk.empty()) text += fmt::format("--         disk: {}\n", one_line(disk));
  const std::string advice = costs.advice(step);
  if (!advice.empty()) text += fmt::format("--         ADVICE: {}\n", one_line(advice));
  return text;
}

std::string total_text(const Costs& costs) {
  std::string text = "--   " + cli::total_text(costs.total, costs.online) + "\n";
  const std::string disk = disk_text(costs.disk);
  if (!disk.empty()) text += "--   disk: " + one_line(disk) + "\n";
  if (costs.window_left)
    text += fmt::format("--   window: {} left until the database must be done{}\n",
                        seconds_text(*costs.window_left),
                        costs.total.range.high > *costs.window_left ? ": IT MAY NOT FIT" : "");
  for (const std::string& problem : costs.against_window.problems)
    text += fmt::format("--   AGAINST THE WINDOW: {}\n", one_line(problem));
  for (const std::string& warning : costs.against_window.warnings)
    text += fmt::format("--   in the window: {}\n", one_line(warning));
  if (costs.way_back)
    text += "--   the way back: " + cli::total_text(*costs.way_back, costs.online_way_back) + "\n";
  return text;
}

std::string to_text(const run::Plan& plan, const std::vector<run::Listener>& listeners, const Costs& costs) {
  std::string text = fmt::format("-- {} from {} to {}: {}\n", to_text(plan.direction), plan.from, plan.goal,
                                 plural(plan.steps.size(), "step"));
  for (std::size_t index = 0; index < plan.steps.size(); ++index) {
    const run::Step& step = plan.steps[index];
    const Version& version = run::version_of(step);
    text += fmt::format("--   {:>4}  {:<22}  {}\n", version.number, run::kind_of(step), version.description);
    text += cost_text(step, costs.disk.rooms[index], costs);
    if (run::direction_of(step) == Direction::downgrade && !version.loses.empty())
      text += fmt::format("--         LOSES: {}\n", trim(version.loses));
    for (const run::Listener& listener : listeners) {
      if (listener.step == index)
        text += fmt::format("--         {}\n--           {}\n", run::to_text(listener), listener.message);
    }
  }
  if (plan.deferred_online > 0)
    text += fmt::format("--   the online part of {} is put off\n", plan.deferred_online);
  if (!plan.steps.empty()) text += total_text(costs);
  return text;
}

ordered_json to_json(const run::Total& total) {
  return {{"low_seconds", total.range.low},
          {"high_seconds", total.range.high},
          {"trust", window::to_text(total.trust)},
          {"unknown", total.unknown}};
}

void add_costs(ordered_json& json, const run::Plan& plan, const Costs& costs) {
  json["total"] = to_json(costs.total);
  if (costs.online) json["online_total"] = to_json(*costs.online);
  json["disk"] = disk_json(costs.disk);
  if (costs.way_back) json["way_back"] = to_json(*costs.way_back);
  if (costs.online_way_back) json["online_way_back"] = to_json(*costs.online_way_back);
  if (costs.window_left) {
    json["window_left_seconds"] = *costs.window_left;
    json["against_window"] = {{"problems", costs.against_window.problems},
                              {"warnings", costs.against_window.warnings}};
  }
  for (std::size_t index = 0; index < plan.steps.size(); ++index) {
    const run::Step& step = plan.steps[index];
    json["steps"][index]["forecast"] = forecast_json(run::predict(costs.knowledge, step));
    json["steps"][index]["disk"] = room_json(costs.disk.rooms[index]);
    ordered_json waits = ordered_json::array();
    if (const StepCost* cost = rehearsed(costs, step)) waits = wait_texts(*cost);
    json["steps"][index]["waits"] = waits;
    json["steps"][index]["advice"] = costs.advice(step);
  }
}

void print(Context& context, const run::Plan& plan, const std::vector<run::Listener>& listeners,
           const Costs& costs, const run::BesideSteps& beside, const Settings& settings, int server_version) {
  if (!context.json()) {
    context.print(to_text(plan, listeners, costs) + "\n" + beside.before +
                  run::to_sql(plan, settings, server_version) + beside.after);
    return;
  }
  ordered_json json{{"direction", to_text(plan.direction)},
                    {"from", plan.from},
                    {"goal", plan.goal},
                    {"sql_before", beside.before},
                    {"steps", ordered_json::array()},
                    {"sql_after", beside.after}};
  for (const run::Step& step : plan.steps) json["steps"].push_back(to_json(step, settings, server_version));
  for (const run::Listener& listener : listeners)
    json["steps"][listener.step]["listeners"].push_back(to_json(listener));
  add_costs(json, plan, costs);
  context.print(json.dump(2) + "\n");
}

// The plan is printed all the same: it is read in order to decide.
std::optional<double> free_disk(Context& context, pg::Connection& connection, const Settings& settings) {
  try {
    return run::read_free_disk(connection, settings);
  } catch (const Error& error) {
    if (error.exit_code() != ExitCode::usage) throw;
    context.note(error.what());
    return std::nullopt;
  }
}

// The same.
void warn_of_changed(Context& context, const ledger::State& state, const Project& project) {
  for (const int number : run::changed_versions(state, project)) {
    context.note(fmt::format(
        "version {0} has changed since it was applied: an upgrade refuses it without --accept-changed {0}",
        number));
  }
}

}  // namespace

ExitCode print_plan(Context& context, const Arguments& arguments, std::optional<Direction> direction) {
  Project project = direction == Direction::downgrade && !arguments.has("from")
                        ? context.project_for_way_back()
                        : context.project();
  const WindowWish wish = window_wish(context, arguments);
  ledger::State state;
  std::optional<pg::Connection> connection;
  if (const std::optional<int> from = arguments.integer("from")) {
    if (*from > project.newest())
      throw Error(ExitCode::usage,
                  fmt::format("--from: there is no version {}, the newest is {}", *from, project.newest()),
                  "name a version of the files, or 0");
    state.version = *from;
    state.version_table = *from > 0;
  } else {
    connection = context.connect();
    state = ledger::read_state(*connection, project.settings);
  }
  const int goal = goal_of(arguments, project).value_or(project.newest());
  const Direction usual = goal < state.version ? Direction::downgrade : Direction::upgrade;
  const bool finishes = state.online && goal == state.version;
  const Direction way = direction.value_or(finishes ? state.online->direction : usual);
  if (way == Direction::downgrade && !arguments.has("GOAL") && !arguments.has("to-release")) {
    throw Error(ExitCode::usage, "downgrade needs a goal: the version to go down to", "dbtool downgrade 19");
  }
  const run::Request request{way, goal, arguments.has("defer-online")};
  const run::Plan plan = connection ? run::plan_for(*connection, project, request, state)
                                    : run::make_plan(project, state, request);
  if (way == Direction::upgrade) warn_of_changed(context, state, project);
  // Newer servers have more time limits to switch off, and are told apart when they are asked.
  const int server_version =
      connection ? connection->server_version() : run::assumed_major(project.settings.server) * 10000;
  if (!connection) {
    context.note(fmt::format(
        "planned without a database: the SQL is that for PostgreSQL {}; --server, or server: in dbtool.yml, "
        "can ask for another one",
        server_version / 10000));
  }
  std::vector<run::Listener> listeners;
  if (connection) listeners = run::listeners_of(*connection, plan, project.settings);
  Costs costs =
      costs_of(project, plan, read_knowledge(context, arguments, connection ? &*connection : nullptr));
  costs.disk = run::forecast_disk(costs.knowledge, plan, connection ? &*connection : nullptr);
  if (connection) costs.disk.free_bytes = free_disk(context, *connection, project.settings);
  if (connection) {
    const std::optional<window::Deadline> window = deadline(context, wish, *connection);
    if (window)
      costs.window_left =
          std::chrono::duration<double>(window->database_by() - context.clock().now()).count();
    costs.against_window =
        window_preflight(context, window, *connection, project, plan, arguments.has("force"));
  }
  const run::BesideSteps beside =
      run::sql_beside_steps(plan, project, state, connection ? &*connection : nullptr, server_version);
  print(context, plan, listeners, costs, beside, project.settings, server_version);
  return ExitCode::done;
}

}  // namespace dbtool::cli
