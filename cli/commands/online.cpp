#include <unistd.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/host.h"
#include "cli/commands/commands.h"
#include "cli/commands/move.h"
#include "cli/commands/online_wish.h"
#include "cli/commands/watch.h"
#include "cli/context.h"
#include "cli/status_text.h"
#include "ledger/online.h"
#include "ledger/session.h"
#include "load/load.h"
#include "pg/transaction.h"
#include "run/run.h"
#include "status/status.h"

namespace dbtool::cli {

namespace {

using namespace std::chrono_literals;
using nlohmann::ordered_json;

Error nothing_under_way() {
  return Error(ExitCode::failed, "no online migration is under way in this database",
               "dbtool status says what is");
}

ledger::OnlineState unfinished(pg::Connection& connection, const Settings& settings) {
  const ledger::State state = ledger::read_state(connection, settings);
  if (!state.online) throw nothing_under_way();
  if (state.ledger_format < ledger::format_of_ranges) {
    throw Error(ExitCode::failed, "the ledger of this database is older than wishes of another terminal",
                "stop the dbtool that is at work; the next run brings the ledger up to date");
  }
  return *state.online;
}

/// Changes what is wished, and returns it.
ledger::Control change(Context& context, pg::Connection& connection, int version,
                       const std::function<void(ledger::Control&)>& by) {
  const ledger::Session session = ledger::Session::from(context.settings());
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  ledger::Control control = ledger::read_control(connection, version);
  by(control);
  const pg::Statement statement = ledger::control_statement(version, control);
  connection.query(statement.sql, statement.parameters);
  transaction.commit();
  return control;
}

/// Whether a dbtool that is at work shows that it has seen the wish, waited for a little.
bool is_heeded(Context& context, pg::Connection& connection, bool paused) {
  for (int look = 0; look < 30; ++look) {
    const ledger::State state = ledger::read_state(connection, context.settings());
    if (!state.online) return true;
    if (state.online->note.starts_with("paused") == paused) return true;
    context.clock().sleep(100ms);
  }
  return false;
}

void say(Context& context, const std::string& text, const ledger::Control& control, bool running) {
  if (!context.json()) {
    context.print(text + "\n");
    return;
  }
  ordered_json json{{"paused", control.paused},
                    {"workers", nullptr},
                    {"batch_milliseconds", nullptr},
                    {"throttle", nullptr},
                    {"running", running}};
  if (control.workers) json["workers"] = *control.workers;
  if (control.batch_milliseconds) json["batch_milliseconds"] = *control.batch_milliseconds;
  if (control.throttle) json["throttle"] = *control.throttle;
  context.print(json.dump() + "\n");
}

ExitCode pause_or_resume(Context& context, bool paused) {
  pg::Connection connection = context.connect();
  const ledger::OnlineState online = unfinished(connection, context.settings());
  const ledger::Control control = change(context, connection, online.version, [&](ledger::Control& wish) {
    wish.paused = paused;
    wish.paused_by = paused ? os_user() + " on " + host_name() : "";
  });
  const std::optional<ledger::RunRecord> running = ledger::running(connection);
  const std::string what =
      fmt::format("the online {} of version {}", to_text(online.direction), online.version);
  std::string text;
  if (!running) {
    text = paused ? fmt::format("no dbtool is at work; {} will not go on before: dbtool online resume", what)
                  : fmt::format("{} may go on, and no dbtool is at work: dbtool online run", what);
  } else {
    text =
        is_heeded(context, connection, paused)
            ? fmt::format("{} {}", what, paused ? "is paused; go on with: dbtool online resume" : "goes on")
            : fmt::format(
                  "{}: the wish is recorded; dbtool (pid {} on {}) has not shown within 3 s that it heeds it",
                  what, running->pid, running->host);
  }
  say(context, text, control, running.has_value());
  return ExitCode::done;
}

ExitCode set(Context& context, const Arguments& arguments) {
  const bool any = arguments.has("workers") || arguments.has("batch-time") || arguments.has("throttle") ||
                   arguments.has("reset");
  if (!any)
    throw Error(ExitCode::usage, "nothing to set was given",
                "dbtool online set --workers 2 --batch-time 30ms");
  const run::OnlineWish wish = online_wish(arguments);
  if (const auto throttle = arguments.text("throttle")) load::read_throttle(*throttle, context.environment());
  pg::Connection connection = context.connect();
  const ledger::OnlineState online = unfinished(connection, context.settings());
  const ledger::Control control = change(context, connection, online.version, [&](ledger::Control& changed) {
    if (arguments.has("reset")) changed = {changed.paused, changed.paused_by, {}, {}, {}};
    if (arguments.has("workers")) changed.workers = wish.workers;
    if (wish.batch_time) changed.batch_milliseconds = static_cast<int>(wish.batch_time->count());
    if (const auto throttle = arguments.text("throttle")) changed.throttle = *throttle;
  });
  const std::optional<ledger::RunRecord> running = ledger::running(connection);
  say(context,
      running
          ? fmt::format("set; dbtool (pid {} on {}) heeds it within a second", running->pid, running->host)
          : std::string("set; it holds for the next run: dbtool online run"),
      control, running.has_value());
  return ExitCode::done;
}

ExitCode show(Context& context, const Arguments& arguments) {
  const auto print = [&](pg::Connection& connection) {
    const status::Status status = status::read(connection, context.project(), false);
    if (context.json()) {
      context.print(online_json_line(status));
    } else {
      context.print(status.online ? online_details(status, context.style())
                                  : "no online migration is under way\n");
    }
  };
  if (arguments.has("watch")) return watch(context, print);
  pg::Connection connection = context.connect();
  print(connection);
  return ExitCode::done;
}

ExitCode go_on(Context& context, const Arguments& arguments) {
  pg::Connection connection = pg::Connection::open(context.address());
  const ledger::State state = ledger::read_state(connection, context.settings());
  if (!state.online) throw nothing_under_way();
  return move(context, arguments, state.online->direction, state.version);
}

ExitCode run_online(Context& context, const Arguments& arguments) {
  const std::string action = *arguments.text("ACTION");
  if (arguments.has("watch") && action != "status")
    throw Error(ExitCode::usage, "--watch goes with online status only", "");
  if (arguments.has("reset") && action != "set")
    throw Error(ExitCode::usage, "--reset goes with online set only", "");
  if (action == "status") return show(context, arguments);
  if (action == "set") return set(context, arguments);
  if (action == "run") return go_on(context, arguments);
  return pause_or_resume(context, action == "pause");
}

}  // namespace

Command online_command() {
  Command command;
  command.name = "online";
  command.summary = "look after an online migration from another terminal";
  command.description =
      "status shows how far it is and what slows it down. pause stops it after the batches at hand, within a "
      "second; the "
      "dbtool that is at work waits, and goes on at resume. set changes workers, batch time and throttle of "
      "the one that is "
      "at work, and of those that go on later, until the migration is done. run goes on with one that was "
      "stopped.";
  command.operands = {{"ACTION", "what to do", true, false, {"status", "pause", "resume", "set", "run"}}};
  command.options = online_options();
  command.options.push_back(
      {"throttle", 0, "YAML", "with set: what stands under `throttle:` of dbtool.yml, instead of that"});
  command.options.push_back({"reset", 0, "", "with set: back to what the command line and dbtool.yml say"});
  command.options.push_back({"watch", 0, "", "with status: show it again every 2 s, until Ctrl-C"});
  command.options.push_back({"yes", 0, "NAME", "with run: go on without asking: the environment's name"});
  command.examples = {"dbtool --target firefox-ci online status --watch",
                      "dbtool online set --workers 2 --throttle '{lag: 500MB}'"};
  command.handles_interrupts = true;
  command.run = run_online;
  return command;
}

}  // namespace dbtool::cli
