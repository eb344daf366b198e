#include "cli/commands/move.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "base/text.h"
#include "check/check.h"
#include "cli/commands/online_wish.h"
#include "cli/findings.h"
#include "cli/metrics_file.h"
#include "load/load.h"
#include "model/release.h"
#include "run/listeners.h"
#include "run/losses.h"
#include "run/recorded.h"
#include "run/run.h"
#include "run/server_range.h"
#include "run/step_sql.h"

namespace dbtool::cli {

namespace {

using nlohmann::ordered_json;

std::string plural(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// The goal that was asked for by number or by --to-release; nullopt when neither was given.
std::optional<int> goal_of(const Arguments& arguments, const Project& project) {
  const std::optional<int> number = arguments.integer("GOAL");
  const std::optional<std::string> name = arguments.text("to-release");
  if (!name) return number;
  if (number) throw Error(ExitCode::usage, "both GOAL and --to-release were given", "give one of them");
  if (const Release* release = find_release(project.releases, *name)) return release->version;
  std::vector<std::string> names;
  for (const Release& release : project.releases) names.push_back(release.name);
  const std::optional<std::string> near = nearest_word(*name, names);
  throw Error(ExitCode::usage, fmt::format("there is no release {}", *name),
              near            ? fmt::format("did you mean {}?", *near)
              : names.empty() ? "the project has no releases.yml"
                              : "known releases: " + join(names, ", "));
}

/// "v32.0.0, v33.0.0": the releases that may run on a database at `version`.
std::string releases_at(const Project& project, int version) {
  return names_of(releases_on(project.releases, version, project.settings.release_support));
}

/// One walk from the lock to the last word.
class Move {
 public:
  Move(Context& context, const Arguments& arguments, Direction direction, std::optional<int> goal)
      : context_(context),
        arguments_(arguments),
        direction_(direction),
        goal_(goal),
        began_(context.clock().now()) {}

  ExitCode run() {
    Project files = direction_ == Direction::upgrade ? context_.project() : context_.project_for_way_back();
    run::Run::Options options;
    options.request = {direction_, goal(files), arguments_.has("defer-online")};
    options.command = fmt::format("{} {}", to_text(direction_), options.request.goal);
    options.online = online_wish(arguments_);
    options.online.read_throttle = [this](const std::string& yaml) {
      return load::read_throttle(yaml, context_.environment());
    };
    for (const int number : arguments_.integers("accept-changed")) options.accept_changed.insert(number);
    run::Run run(context_.connect(), std::move(files), std::move(options), context_.clock(),
                 context_.observer(), context_.interrupts());
    if (run.plan().steps.empty() && run.plan().deferred_online == 0) {
      if (run.has_work()) ask(run);
      return nothing_to_do(run);
    }
    ask(run);
    run.preflight();
    const check::Outcome before =
        check::check(run.connection(), run.project(), run.state().version, open_online(run));
    run.execute();
    return say_end(run, before);
  }

 private:
  int goal(const Project& project) const {
    const std::optional<int> asked = goal_ ? goal_ : goal_of(arguments_, project);
    if (asked) return *asked;
    if (direction_ == Direction::upgrade) return project.newest();
    throw Error(ExitCode::usage, "downgrade needs a goal: the version to go down to",
                "dbtool downgrade 19, or dbtool downgrade --to-release v33.0.0");
  }

  // Asks once, before anything is changed, for all that a person must know.
  void ask(run::Run& run) {
    const Settings& settings = run.project().settings;
    if (direction_ == Direction::downgrade && !arguments_.has("force")) refuse_connected_services(run);
    std::string name = settings.name.empty() ? run.state().name : settings.name;
    if (name.empty()) name = run.connection().database();
    const std::vector<std::string> losses = run::losses_of(run.connection(), run.plan(), settings);
    if (!losses.empty()) {
      confirm(context_,
              fmt::format("The downgrade of {} from {} to {} loses data for good:\n  {}", name,
                          run.plan().from, run.plan().goal, join(losses, "\n  ")),
              name);
    } else if (settings.is_protected) {
      confirm(context_,
              fmt::format("{} is protected. {} from {} to {}.", name, to_text(direction_), run.plan().from,
                          run.plan().goal),
              name);
    }
  }

  static void refuse_connected_services(run::Run& run) {
    const auto services =
        run::connected_services_that_need_more(run.connection(), run.project(), run.plan().goal);
    if (services.empty()) return;
    throw Error(ExitCode::failed,
                "services that need a newer version are connected:\n  " + join(services, "\n  "),
                "stop them first, or go on without asking them: --force");
  }

  ExitCode nothing_to_do(run::Run& run) {
    run.execute();  // takes over a database that has no ledger yet
    const check::Outcome outcome =
        check::check(run.connection(), run.project(), run.state().version, open_online(run));
    context_.finish_progress();
    print_end(run, run.state().version, fmt::format("AT {} already, nothing to do", run.state().version),
              outcome.findings, outcome, {});
    return ExitCode::done;
  }

  ExitCode say_end(run::Run& run, const check::Outcome& before) {
    const int at = run::version_after(run.plan());
    const check::Outcome after =
        check::check(run.connection(), run.project(), at, run.plan().deferred_online);
    context_.finish_progress();
    const std::vector<Finding> fresh = check::new_findings(before, after);
    std::size_t bad = 0;
    for (const Finding& finding : fresh) bad += finding.severity == Severity::note ? 0 : 1;
    std::string headline = fmt::format(
        "{} to {} in {}", direction_ == Direction::upgrade ? "UPGRADED" : "DOWNGRADED", at,
        dbtool::to_text(
            std::chrono::duration_cast<std::chrono::milliseconds>(context_.clock().now() - began_)));
    if (bad > 0) headline += fmt::format(", {}", plural(bad, "finding"));
    std::string next;
    const int deferred = run.plan().deferred_online;
    if (deferred > 0)
      next = fmt::format("the online part of {} is open: dbtool {} {}", deferred, to_text(direction_),
                         run.plan().goal);
    print_end(run, at, headline, fresh, after, next);
    if (bad > 0) return ExitCode::findings;
    return deferred > 0 ? ExitCode::stopped : ExitCode::done;
  }

  static int open_online(const run::Run& run) { return run.state().online ? run.state().online->version : 0; }

  void print_end(const run::Run& run, int at, const std::string& headline,
                 const std::vector<Finding>& findings, const check::Outcome& outcome,
                 const std::string& next) {
    const Project& project = run.project();
    if (context_.json()) {
      ordered_json json{{"version", at},
                        {"from", run.plan().from},
                        {"goal", run.plan().goal},
                        {"findings", ordered_json::parse(report::to_json(findings))}};
      json["releases"] = ordered_json::array();
      for (const Release& release : releases_on(project.releases, at, project.settings.release_support))
        json["releases"].push_back(release.name);
      if (!next.empty()) json["next"] = next;
      context_.print(json.dump() + "\n");
      return;
    }
    std::string text = headline + "\n";
    text += report::to_text(findings, severity_paint(context_.style()));
    text += fmt::format("  check: {}; compared {}, {}, {}\n", findings_summary(outcome.findings),
                        plural(static_cast<std::size_t>(outcome.tables), "table"),
                        plural(static_cast<std::size_t>(outcome.functions), "function"),
                        plural(static_cast<std::size_t>(outcome.grants), "grant"));
    if (!project.releases.empty())
      text += fmt::format("  may run: {}{}\n", releases_at(project, at), must_not_run(project, at));
    if (!next.empty()) text += "  next: " + next + "\n";
    context_.print(text);
  }

  static std::string must_not_run(const Project& project, int at) {
    std::vector<std::string> names;
    for (const Release& release : project.releases) {
      if (release.version > at) names.push_back(release.name);
    }
    return names.empty() ? "" : "; must NOT run: " + join(names, ", ");
  }

  Context& context_;
  const Arguments& arguments_;
  Direction direction_;
  std::optional<int> goal_;
  Clock::Monotonic began_;
};

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

std::string to_text(const run::Plan& plan, const std::vector<run::Listener>& listeners) {
  std::string text = fmt::format("-- {} from {} to {}: {}\n", to_text(plan.direction), plan.from, plan.goal,
                                 plural(plan.steps.size(), "step"));
  for (std::size_t index = 0; index < plan.steps.size(); ++index) {
    const run::Step& step = plan.steps[index];
    const Version& version = run::version_of(step);
    text += fmt::format("--   {:>4}  {:<22}  {}\n", version.number, run::kind_of(step), version.description);
    if (run::direction_of(step) == Direction::downgrade && !version.loses.empty())
      text += fmt::format("--         LOSES: {}\n", trim(version.loses));
    for (const run::Listener& listener : listeners) {
      if (listener.step == index)
        text += fmt::format("--         {}\n--           {}\n", run::to_text(listener), listener.message);
    }
  }
  if (plan.deferred_online > 0)
    text += fmt::format("--   the online part of {} is put off\n", plan.deferred_online);
  return text;
}

void print(Context& context, const run::Plan& plan, const std::vector<run::Listener>& listeners,
           const Settings& settings, int server_version) {
  if (!context.json()) {
    context.print(to_text(plan, listeners) + "\n" + run::to_sql(plan, settings, server_version));
    return;
  }
  ordered_json json{{"direction", to_text(plan.direction)},
                    {"from", plan.from},
                    {"goal", plan.goal},
                    {"steps", ordered_json::array()}};
  for (const run::Step& step : plan.steps) json["steps"].push_back(to_json(step, settings, server_version));
  for (const run::Listener& listener : listeners)
    json["steps"][listener.step]["listeners"].push_back(to_json(listener));
  context.print(json.dump(2) + "\n");
}

}  // namespace

std::vector<OptionSpec> move_options() {
  std::vector<OptionSpec> options{
      {"to-release",
       0,
       "RELEASE",
       "go to the version that this release needs",
       false,
       {},
       Completes::releases},
      {"defer-online", 0, "",
       "leave online parts open: stop there, or behind versions that change methods only"},
      {"dry-run", 0, "", "print the plan and the exact SQL; change nothing"},
      {"from",
       0,
       "N",
       "with --dry-run: plan from version N, without a database",
       false,
       {},
       Completes::versions},
      {"yes", 0, "NAME", "go on without asking: the environment's name"}};
  for (OptionSpec& option : online_options()) options.push_back(std::move(option));
  return options;
}

ExitCode move(Context& context, const Arguments& arguments, Direction direction, std::optional<int> goal) {
  if (arguments.has("dry-run")) return print_plan(context, arguments, direction);
  if (arguments.has("from")) throw Error(ExitCode::usage, "--from goes with --dry-run only", "");
  if (direction == Direction::downgrade) context.project_for_way_back();  // settings() needs no version files
  return with_metrics(context, [&] { return Move(context, arguments, direction, goal).run(); });
}

namespace {

// The plan is printed all the same: it is read in order to decide.
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
  ledger::State state;
  std::optional<pg::Connection> connection;
  if (const std::optional<int> from = arguments.integer("from")) {
    state.version = *from;
    state.version_table = *from > 0;
  } else {
    connection = context.connect();
    state = ledger::read_state(*connection, project.settings);
  }
  const int goal = goal_of(arguments, project).value_or(project.newest());
  const Direction way = direction.value_or(goal < state.version ? Direction::downgrade : Direction::upgrade);
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
  print(context, plan, listeners, project.settings, server_version);
  return ExitCode::done;
}

}  // namespace dbtool::cli
