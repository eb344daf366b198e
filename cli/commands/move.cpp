#include "cli/commands/move.h"

#include <fmt/format.h>

#include "base/duration.h"
#include "base/text.h"
#include "check/check.h"
#include "cli/adviser.h"
#include "cli/commands/goal.h"
#include "cli/commands/move_end.h"
#include "cli/commands/online_wish.h"
#include "cli/commands/window_wish.h"
#include "cli/disk_text.h"
#include "cli/findings.h"
#include "cli/metrics_file.h"
#include "load/load.h"
#include "run/losses.h"
#include "run/run.h"
#include "run/step_error.h"

namespace dbtool::cli {

namespace {

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
    wish_ = window_wish(context_, arguments_);
    // What is wrong with the wish is told before what is wrong with the database, as with the files.
    if (direction_ == Direction::downgrade) goal(context_.project());
    pg::Connection connection = context_.ahead_of_files([&] { return context_.connect(); });
    Project files = context_.project();
    run::Run::Options options;
    options.request = {direction_, goal(files), arguments_.has("defer-online")};
    options.command = fmt::format("{} {}", to_text(direction_), options.request.goal);
    options.online = online_wish(arguments_);
    options.online.read_throttle = [this](const std::string& yaml) {
      return load::read_throttle(yaml, context_.environment());
    };
    for (const int number : arguments_.integers("accept-changed")) options.accept_changed.insert(number);
    run::Run run(
        std::move(connection), std::move(files), std::move(options), context_.clock(),
        [this](const Event& event) { observe(event); }, context_.interrupts());
    if (run.plan().steps.empty() && run.plan().deferred_online == 0) {
      if (run.has_work()) ask(run);
      return nothing_to_do(run);
    }
    ask(run);
    deadline_ = deadline(context_, wish_, run.connection());
    run.preflight(window_preflight(context_, deadline_, run.connection(), run.project(), run.plan(),
                                   arguments_.has("force")));
    run::Knowledge knowledge = read_knowledge(context_, arguments_, &run.connection());
    hold_against_disk(run, knowledge);
    const check::Outcome before =
        check::check(run.connection(), run.project(), run.state().version, open_online(run));
    guard(run, std::move(knowledge));
    try {
      run.execute();
    } catch (const run::StepError& error) {
      if (!guard_->overrun()) throw;
      return say_turned_back(run, error, before);
    }
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

  void observe(const Event& event) {
    if (guard_) guard_->observe(event);
    context_.observer()(event);
  }

  // A disk that is full in the last hour takes the server down with it. Nothing keeps from the way back.
  void hold_against_disk(run::Run& run, const run::Knowledge& knowledge) {
    const bool only_warns = direction_ == Direction::downgrade || arguments_.has("force");
    const Settings& settings = run.project().settings;
    if (!settings.throttle.disk) return;
    run::DiskForecast disk;
    try {
      disk = run::forecast_disk(knowledge, run.plan(), &run.connection());
      disk.free_bytes = run::read_free_disk(run.connection(), settings);
    } catch (const Error& error) {
      if (!only_warns || !run.connection().is_alive()) throw;
      return warn(fmt::format("how much disk is free is not known: {}", error.what()));
    }
    const window::Sufficiency sufficiency = window::judge_room(disk.peak, *disk.free_bytes);
    if (sufficiency == window::Sufficiency::enough) return;
    const std::string text = "disk: " + disk_text(disk);
    if (sufficiency == window::Sufficiency::too_little && !only_warns)
      throw Error(ExitCode::failed, text,
                  "make room, or let go of what holds the log; --force begins it all the same");
    warn(text);
  }

  void warn(const std::string& text) { context_.observer()(Message{Message::Level::warning, text}); }

  // Forecasts the steps, and holds them against the window if there is one.
  void guard(run::Run& run, run::Knowledge knowledge) {
    run::WindowGuard::Options options;
    options.deadline = deadline_;
    options.moved_deadline = moved_deadline(context_, wish_, run.connection(), options.deadline);
    options.on_overrun = wish_.on_overrun;
    // The way back is most wanted when the window is over, or was never closed.
    const bool given = wish_.length || wish_.until || wish_.says_overrun;
    if (direction_ == Direction::downgrade && !given) options.on_overrun = window::OnOverrun::warn;
    options.interrupts = context_.interrupts();
    if (options.on_overrun == window::OnOverrun::ask) options.adviser = adviser(context_);
    options.begin_anyway = arguments_.has("force");
    options.settings = run.project().settings.window;
    options.knowledge = std::move(knowledge);
    options.session = ledger::Session::from(run.project().settings);
    guard_ = std::make_unique<run::WindowGuard>(std::move(options), run.connection().address(),
                                                context_.clock(), context_.observer());
    guard_->tell_total(run.plan());
    run.look_on(*guard_);
  }

  // Asks once, before anything is changed, for all that a person must know.
  void ask(run::Run& run) {
    const Settings& settings = run.project().settings;
    if (direction_ == Direction::downgrade && !arguments_.has("force")) refuse_connected_services(run);
    std::string name = settings.name.empty() ? run.state().name : settings.name;
    if (name.empty()) name = run.connection().database();
    const std::vector<std::string> losses = losses_of(run);
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
    began_ = context_.clock().now();  // how long a person thought is not what the run took
  }

  // What keeps the rows from being counted mostly keeps the work from being done, too: preflight says so,
  // with what to do, and before a person is asked.
  static std::vector<std::string> losses_of(run::Run& run) {
    try {
      run::Losses losses = run::losses_of(run.connection(), run.plan(), run.project().settings);
      if (!losses.all_counted) run.preflight();
      return std::move(losses.texts);
    } catch (const pg::PgError& error) {
      if (!error.is_permission_denied()) throw;
      run.preflight();
      throw;
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
    print_end(context_, run,
              {run.state().version,
               fmt::format("AT {} already, nothing to do", run.state().version),
               {},
               outcome.findings,
               outcome,
               {}});
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
    print_end(context_, run, {at, headline, {}, fresh, after, next});
    if (bad > 0) return ExitCode::findings;
    return deferred > 0 ? ExitCode::stopped : ExitCode::done;
  }

  ExitCode say_turned_back(run::Run& run, const run::StepError& error, const check::Outcome& before) {
    const run::Overrun& overrun = *guard_->overrun();
    try {
      const int at = ledger::read_state(run.connection(), run.project().settings).version;
      const check::Outcome after = check::check(run.connection(), run.project(), at, open_online(run));
      context_.finish_progress();
      print_end(
          context_, run,
          turned_back(run, overrun, error.facts().state, at, check::new_findings(before, after), after));
    } catch (const Error& unseen) {
      // What is known is said all the same; why the rest could not be looked at comes with it.
      throw run::StepError(ExitCode::stopped,
                           fmt::format("{}; looking it over failed: {}", error.what(), unseen.what()),
                           "when the server answers again: dbtool status", error.facts());
    }
    return ExitCode::stopped;
  }

  static int open_online(const run::Run& run) { return run.state().online ? run.state().online->version : 0; }

  Context& context_;
  const Arguments& arguments_;
  Direction direction_;
  std::optional<int> goal_;
  Clock::Monotonic began_;
  WindowWish wish_;
  std::optional<window::Deadline> deadline_;
  std::unique_ptr<run::WindowGuard> guard_;
};

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
  for (OptionSpec& option : window_options()) options.push_back(std::move(option));
  return options;
}

ExitCode move(Context& context, const Arguments& arguments, Direction direction, std::optional<int> goal) {
  if (arguments.has("dry-run")) return print_plan(context, arguments, direction);
  if (arguments.has("from")) throw Error(ExitCode::usage, "--from goes with --dry-run only", "");
  if (direction == Direction::downgrade) context.project_for_way_back();  // settings() needs no version files
  context.load_ahead();  // with_metrics() asks for the settings
  return with_metrics(context, [&] { return Move(context, arguments, direction, goal).run(); });
}

}  // namespace dbtool::cli
