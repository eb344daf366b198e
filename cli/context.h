#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/event.h"
#include "cli/address.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "model/project.h"
#include "pg/connection.h"

namespace dbtool::cli {

/// What a command works with: project, settings and database as the command line and the environment say,
/// made when first asked for; and the ways to tell of progress and results.
class Context {
 public:
  Context(const Command& command, const Arguments& arguments, Environment environment);

  const std::string& command_name() const { return command_.name; }
  const Arguments& arguments() const { return arguments_; }
  const Environment& environment() const { return environment_; }
  /// -C, or the current directory.
  std::filesystem::path directory() const;
  /// Loads the whole project on first use; its warnings are shown. Its settings are those in force: flag,
  /// environment, target, dbtool.yml, default; the first that says something. Throws load::LoadError.
  const Project& project();
  /// The same, for a command that runs none of it: scripts that end their own transaction do not stop it.
  const Project& project_to_judge();
  /// The same, but with what is left of it when its version files are broken: the way back needs none of
  /// them.
  const Project& project_for_way_back();
  const Settings& settings() { return settings_ahead_ ? *settings_ahead_ : project().settings; }
  /// For a command that has other work to do before it needs the project: settings() and address() are there
  /// at once, the rest is loaded meanwhile, and project() waits for it. Throws what project() would.
  void load_ahead();
  /// The settings that would be in force with --target `target`; after project().
  Settings settings_for_target(const std::string& target) const;

  /// The database that is meant; starts the private server of --local if need be.
  pg::Address address();
  /// Opens the database and says on the first line of progress: host, database, user, the environment's name.
  pg::Connection connect();
  /// Calls `look` at the database while the project's files are loaded. What is wrong with the files is told
  /// before what is wrong with the database.
  template <typename Look>
  auto ahead_of_files(const Look& look) {
    load_ahead();
    try {
      return look();
    } catch (const Error&) {
      project();
      throw;
    }
  }

  bool json() const { return json_; }
  bool quiet() const { return arguments_.has("quiet"); }
  /// Whether there is a person to ask: stdin and stderr are terminals, and the output is
  /// text that is shown.
  bool interactive() const;

  Clock& clock() { return clock_; }
  /// For lib/run and its like; what it is given is shown as progress on stderr.
  const Observer& observer() const { return observer_; }
  /// Gives every event to `listener` too, from now on; an empty one ends that. Not while events come.
  void listen(Observer listener) { listener_ = std::move(listener); }
  /// SIGINT and SIGTERM so far; only for commands that handle them.
  const std::function<int()>& interrupts() const { return interrupts_; }

  /// Writes a part of the result to stdout. Throws Error when it cannot be written; a closed pipe is not an
  /// error.
  void print(std::string_view text);
  /// Style of stdout.
  const Style& style() const { return style_; }
  /// One line for people on stderr, not with -q; nothing in JSON, where events tell.
  void note(const std::string& text);
  /// Takes the live line away before a result or an error is shown.
  void finish_progress() { progress_.finish(); }

 private:
  void use(Project project);
  Settings in_force() const;
  ProgressMode progress_mode() const;
  Settings with_flags(Settings settings) const;
  pg::Address local_address();

  const Command& command_;
  const Arguments& arguments_;
  const Environment environment_;
  const bool json_;
  const Style style_;
  SystemClock clock_;
  Progress progress_;
  Observer listener_;
  Observer observer_;
  std::function<int()> interrupts_;
  std::optional<Project> project_;
  std::future<Project> loading_;            ///< valid while load_ahead() is under way
  std::optional<Settings> settings_ahead_;  ///< in force, until the project is there
  Settings file_settings_;                  ///< dbtool.yml over the defaults
  std::optional<Database> database_;
  std::optional<pg::Address> local_address_;
  std::optional<pg::Address> address_;  ///< with the role that it takes to work; after connect()
  bool pipe_closed_ = false;
};

/// Asks on a terminal for `name` (the environment's) to be typed after `question`; elsewhere, and where it
/// was given, --yes must say it. Throws Error when the answer is another.
void confirm(Context& context, const std::string& question, const std::string& name);

}  // namespace dbtool::cli
