#include "cli/commands/environment_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/duration.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "cli/newest_ledger.h"
#include "cli/probe_output.h"
#include "environment/benchmark.h"
#include "environment/probe.h"
#include "ledger/ledger.h"
#include "ledger/probes.h"
#include "ledger/run_lock.h"
#include "ledger/write.h"
#include "pg/error.h"

namespace dbtool::cli {

namespace {

int read_version(const std::vector<std::string>& operands, const ledger::State& state) {
  if (operands.size() > 1)
    throw Error(ExitCode::usage, "environment probe takes one version", "dbtool environment probe VERSION");
  if (operands.empty()) return state.version + 1;
  const std::string& text = operands.front();
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error(ExitCode::usage, fmt::format("'{}' is not the number of a version", text),
                "dbtool environment probe 20, or without a number: the next pending version");
  return version;
}

std::chrono::milliseconds read_limit(const Arguments& arguments) {
  using namespace std::chrono_literals;
  constexpr std::chrono::milliseconds most = 30s, least = 1s;
  const auto given = arguments.text("limit");
  if (!given) return most;
  const auto limit = parse_duration(*given);
  if (!limit || *limit < least || *limit > most)
    throw Error(ExitCode::usage, fmt::format("--limit {}: a probe takes between 1 s and 30 s", *given),
                "--limit 10s");
  return *limit;
}

/// Who keeps the services waiting must have been asked.
void ask(Context& context, pg::Connection& connection, const Version& version,
         const environment::ProbeOptions& options, const std::string& name) {
  const std::vector<std::string> services = environment::connected_services(connection, context.project());
  const std::vector<std::string> effects = environment::foresee_probe(connection, version, options);
  std::string text = fmt::format(
      "The probe of version {} does its work on about {} rows of each large table, for {} at most, and rolls "
      "it "
      "back. Its write-ahead log stays, and replicas and archives get it.",
      version.number, options.rows, dbtool::to_text(options.limit));
  for (const std::string& effect : effects) text += "\n  " + effect;
  if (!services.empty()) text += "\nServices are connected:\n  " + join(services, "\n  ");
  if (context.settings().is_protected || !services.empty()) {
    confirm(context,
            fmt::format("{}{}", context.settings().is_protected ? name + " is protected. " : "", text), name);
  } else {
    for (const std::string& effect : effects) context.observer()(Message{Message::Level::note, effect});
  }
}

void see_to_probes(Context& context, pg::Connection& connection, const ledger::State& state) {
  if (state.ledger_format >= ledger::format) return;
  make_newest_ledger(context, connection, state, "nothing was probed: what is found would be kept",
                     "probe as the user that upgrades the database");
}

}  // namespace

ExitCode probe_environment(Context& context, const std::vector<std::string>& operands) {
  const Arguments& arguments = context.arguments();
  for (const char* option : {"benchmark", "no-benchmark", "force"}) {
    if (arguments.has(option))
      throw Error(ExitCode::usage, fmt::format("--{} does not go with environment probe", option));
  }
  const Project& project = context.project();
  environment::ProbeOptions options;
  options.limit = read_limit(arguments);
  options.session = ledger::Session::from(project.settings);
  options.user_prefix = project.settings.user_prefix;
  // Below the time after which the server looks for deadlocks, in which a service might be the one to be
  // ended.
  options.lock_timeout = std::min(project.settings.lock_timeout, options.lock_timeout);
  pg::Connection connection = context.connect();
  const ledger::State state = ledger::read_state(connection, project.settings);
  const int number = read_version(operands, state);
  if (operands.empty() && number > project.newest())
    throw Error(ExitCode::usage, fmt::format("no version is pending: the database is at {}", state.version),
                "there is nothing to probe");
  environment::refuse_probe(connection, project, state, number);
  const Version& version = project.version(number);
  const std::string name = !state.name.empty()              ? state.name
                           : !project.settings.name.empty() ? project.settings.name
                                                            : connection.database();
  ask(context, connection, version, options, name);

  const Interrupts interrupts(context.interrupts(), context.clock());
  ledger::RunLock lock =
      ledger::RunLock::acquire(connection.address(), context.clock(), context.observer(), interrupts);
  // Somebody may have upgraded it while the question was open.
  const ledger::State now = ledger::read_state(connection, project.settings);
  if (now.version != state.version || now.online || now.partly)
    throw Error(ExitCode::failed, "the database was upgraded meanwhile; nothing was probed",
                "run the same command again");
  see_to_probes(context, connection, now);
  ShownProbe shown;
  shown.description = version.description;
  if (number > state.version + 1)
    shown.probe.remarks.push_back(fmt::format(
        "the database is at {}: what versions {} to {} make is not there, and what needs it fails",
        state.version, state.version + 1, number - 1));
  const std::vector<std::string> before = shown.probe.remarks;
  shown.probe = environment::run_probe(connection.address(), version, options, context.clock(),
                                       context.observer(), context.interrupts());
  shown.probe.remarks.insert(shown.probe.remarks.begin(), before.begin(), before.end());
  shown.records = environment::records_of(shown.probe);
  for (ledger::ProbeRecord& record : shown.records) {
    record.statements = statements_json(shown.probe, record.online);
    ledger::record(connection, options.session, record);
  }
  context.finish_progress();
  context.print(context.json() ? to_json_line(shown) : to_text(shown, context.style()));
  return ExitCode::done;
}

}  // namespace dbtool::cli
