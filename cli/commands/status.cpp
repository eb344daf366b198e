#include "status/status.h"

#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/commands/watch.h"
#include "cli/commands/window_wish.h"
#include "cli/context.h"
#include "cli/render.h"
#include "cli/status_text.h"
#include "cli/table.h"
#include "cli/unreadable.h"
#include "ledger/ledger.h"
#include "ledger/session.h"
#include "run/recorded.h"

namespace dbtool::cli {

namespace {

void show(Context& context, const status::Status& status) {
  context.print(context.json() ? to_json_line(status) : to_text(status, context.style()));
}

ExitCode exit_code(const Arguments& arguments, bool attention) {
  return attention && arguments.has("exit-code") ? ExitCode::findings : ExitCode::done;
}

struct TargetStatus {
  std::string target;
  std::optional<status::Status> status;
  std::string error;
};

TargetStatus read_target(Context& context, const std::string& target) {
  try {
    Project project = context.project();
    project.settings = context.settings_for_target(target);
    pg::Connection connection =
        ledger::open_as(address_of_target(project.settings, target).address, project.settings.role);
    ledger::State state;
    state.name = ledger::read_name(connection);
    run::check_name(state, project.settings);
    return {target, status::read(connection, project, true), ""};
  } catch (const Error& error) {
    return {target, std::nullopt, describe(error).message};
  }
}

std::string as_json(const std::vector<TargetStatus>& all) {
  auto array = nlohmann::ordered_json::array();
  for (const TargetStatus& one : all) {
    nlohmann::ordered_json json{{"target", one.target}};
    if (one.status) json.update(nlohmann::ordered_json::parse(to_json_line(*one.status)));
    if (!one.error.empty()) json["error"] = one.error;
    array.push_back(json);
  }
  return array.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string as_table(const std::vector<TargetStatus>& all, const Style& style) {
  std::vector<std::vector<std::string>> rows;
  for (const TargetStatus& one : all) {
    if (one.status)
      rows.push_back({one.target, std::to_string(one.status->version), std::to_string(one.status->newest),
                      state_in_short(*one.status)});
    else
      rows.push_back({one.target, "", "", "error: " + one.error});
  }
  return render_table({"target", "version", "newest", "state"}, rows, style);
}

ExitCode all_targets(Context& context, const Arguments& arguments) {
  const auto& targets = context.project().settings.targets;
  if (targets.empty())
    throw Error(ExitCode::usage, "dbtool.yml lists no targets",
                "add them under `targets:`, each with a url or service");
  std::vector<TargetStatus> all;
  for (const auto& [name, target] : targets) all.push_back(read_target(context, name));
  context.print(context.json() ? as_json(all) : as_table(all, context.style()));
  bool attention = false;
  for (const TargetStatus& one : all) {
    if (!one.status) return ExitCode::unreachable;
    attention = attention || status::needs_attention(*one.status);
  }
  return exit_code(arguments, attention);
}

ExitCode run_status(Context& context, const Arguments& arguments) {
  if (arguments.has("all-targets")) {
    for (const char* other : {"url", "target", "local", "watch"})
      if (arguments.has(other))
        throw Error(ExitCode::usage, "--all-targets and --" + std::string(other) + " do not go together",
                    "give one");
    return all_targets(context, arguments);
  }
  if (arguments.has("watch"))
    return watch(context, [&](pg::Connection& connection) {
      show(context,
           status::read(connection, context.project(), false, read_knowledge(context, arguments, nullptr)));
    });
  const Project& project = context.project();
  pg::Connection connection = context.connect();
  const status::Status status =
      status::read(connection, project, true, read_knowledge(context, arguments, nullptr));
  warn_of_unreadable(context, connection);
  show(context, status);
  return exit_code(arguments, status::needs_attention(status));
}

}  // namespace

Command status_command() {
  Command command;
  command.name = "status";
  command.summary = "where the database is, what is to come, who is at work";
  command.description =
      "The version of the database and of the files, the releases that may run on it, each pending version "
      "with its kind and what it may cost, a running dbtool, an unfinished online migration, and drift: "
      "applied files that changed, and findings of a check.";
  command.options = {
      {"watch", 0, "", "show it again every 2 s (without the check), until Ctrl-C"},
      {"exit-code", 0, "",
       "end with 3 when something is pending, unfinished or found, or the files are too old"},
      {"all-targets", 0, "", "a table of all targets of dbtool.yml"},
      rehearsal_option(),
  };
  command.examples = {"dbtool --target firefox-ci status --watch",
                      "dbtool status --all-targets --format json"};
  command.run = run_status;
  return command;
}

}  // namespace dbtool::cli
