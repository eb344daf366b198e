#include "pg/local.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/local_server.h"

namespace dbtool::cli {

namespace {

void say(Context& context, const std::string& action, bool done, const std::string& yes,
         const std::string& no) {
  if (context.json())
    context.print(nlohmann::ordered_json{{action, done}}.dump() + "\n");
  else
    context.print((done ? yes : no) + "\n");
}

/// The URL of the server, which is started, or made, when it does not run.
std::string url_of(Context& context, const Arguments& arguments) {
  auto local = pg::find_local(context.directory());
  if (!local) local = start_local_server(context);
  return arguments.has("superuser") ? local->admin_url : local->url;
}

/// Becomes psql; returns only by an exception.
ExitCode become_psql(Context& context, const Arguments& arguments) {
  std::vector<std::string> words = pg::psql_command(url_of(context, arguments));
  for (const std::string& word : arguments.texts("WORD")) words.push_back(word);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execvp(pointers.front(), pointers.data());
  throw Error(ExitCode::failed, words.front() + " cannot be started: " + std::strerror(errno));
}

ExitCode show_url(Context& context, const Arguments& arguments) {
  const std::string url = url_of(context, arguments);
  context.print(context.json() ? nlohmann::ordered_json{{"url", url}}.dump() + "\n" : url + "\n");
  return ExitCode::done;
}

ExitCode show_status(Context& context) {
  const auto local = pg::find_local(context.directory());
  if (!local) {
    say(context, "running", false, "", "the private server does not run; `dbtool --local status` starts it");
    return ExitCode::done;
  }
  if (context.json()) {
    const nlohmann::ordered_json json{{"running", true},
                                      {"pid", local->server.pid()},
                                      {"data", local->server.data_directory().string()},
                                      {"url", local->url}};
    context.print(json.dump() + "\n");
  } else {
    context.print("running, pid " + std::to_string(local->server.pid()) + ", data in " +
                  local->server.data_directory().string() + "\n" + local->url + "\n");
  }
  return ExitCode::done;
}

ExitCode run_local(Context& context, const Arguments& arguments) {
  const std::string action = *arguments.text("ACTION");
  if (action != "psql" && arguments.has("WORD"))
    throw Error(ExitCode::usage,
                "dbtool local " + action + " does not take '" + *arguments.text("WORD") + "'",
                "dbtool local --help shows what it takes");
  if (action == "psql") return become_psql(context, arguments);
  if (action == "url") return show_url(context, arguments);
  if (action == "status") return show_status(context);
  if (action == "stop")
    say(context, "stopped", pg::stop_local(context.directory()), "stopped", "it did not run");
  else
    say(context, "destroyed", pg::destroy_local(context.directory()), "stopped, and its data deleted",
        "there was none");
  return ExitCode::done;
}

}  // namespace

Command local_command() {
  Command command;
  command.name = "local";
  command.summary = "look after the private server of --local";
  command.description =
      "It is kept in .dbtool/ of the project, reachable by its socket alone, and goes on when dbtool ends. "
      "psql and url "
      "start it when it does not run. Words after psql go to psql; write -- before its options.";
  command.operands = {{"ACTION",
                       "stop it, destroy it with its data, open psql, write its URL, say whether it runs",
                       true,
                       false,
                       {"stop", "destroy", "psql", "url", "status"}},
                      {"WORD", "for psql", false, true}};
  command.options = {{"superuser", 0, "", "psql and url as superuser instead of the database's owner"}};
  command.examples = {"dbtool local psql -- -c 'select * from dbtool.version'", "dbtool local stop"};
  command.run = run_local;
  return command;
}

}  // namespace dbtool::cli
