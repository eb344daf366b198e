#include "check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>

#include "catalog/declared.h"
#include "catalog/mend.h"
#include "catalog/read.h"
#include "check/unfinished.h"
#include "cli/commands/check_scratch.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/findings.h"
#include "cli/interrupt.h"
#include "cli/reporting.h"
#include "ledger/ledger.h"
#include "pg/second_connection.h"
#include "report/findings.h"
#include "run/recorded.h"
#include "scratch/expectation.h"
#include "scratch/origin.h"

namespace dbtool::cli {

namespace {

using nlohmann::ordered_json;

std::string as_json(const check::Outcome& outcome) {
  ordered_json compared{
      {"tables", outcome.tables}, {"functions", outcome.functions}, {"grants", outcome.grants}};
  if (outcome.objects > 0) compared["objects"] = outcome.objects;
  const ordered_json json{{"version", outcome.version},
                          {"clean", outcome.clean()},
                          {"findings", ordered_json::parse(report::to_json(outcome.findings))},
                          {"compared", compared},
                          {"ignored", outcome.ignored}};
  return json.dump() + "\n";
}

std::string as_text(const check::Outcome& outcome, const std::string& name, const Style& style) {
  std::string text = fmt::format("{} at {}: {}\n", name.empty() ? "database" : name, outcome.version,
                                 outcome.clean() ? style.green(findings_summary(outcome.findings))
                                                 : style.red(findings_summary(outcome.findings)));
  text += report::to_text(outcome.findings, severity_paint(style));
  text += fmt::format("compared {} tables, {} functions, {} grants", outcome.tables, outcome.functions,
                      outcome.grants);
  if (outcome.objects > 0) text += fmt::format(", {} objects of the whole catalog", outcome.objects);
  text += fmt::format("; ignored {}", outcome.ignored);
  if (!outcome.ignored_reasons.empty())
    text += fmt::format(" ({})", fmt::join(outcome.ignored_reasons, "; "));
  return text + "\n";
}

Catalog expected_at(Context& context, int version, int live_major) {
  const Arguments& arguments = context.arguments();
  handle_interrupts();  // nothing may stay on a server of somebody else's
  scratch::Expectation expectation = scratch::expectation(
      context.project(),
      {version, live_major, arguments.has("saved"), arguments.text("scratch-url").value_or("")},
      context.clock(), context.interrupts());
  if (context.interrupts()() > 0)
    throw Error(ExitCode::stopped, "stopped; the scratch database is gone", "run it again");
  leave_interrupts();
  if (!expectation.note.empty()) context.note("note: " + expectation.note);
  return std::move(expectation.objects);
}

/// A database as it was found before the project's files were looked at.
struct Seen {
  pg::Connection connection;
  ledger::State state;
  std::optional<pg::Connection> second;  ///< where there is one to be had

  pg::Connection* second_or_none() { return second ? &*second : nullptr; }
};

Seen see(Context& context) {
  pg::Connection connection = context.connect();
  pg::SecondConnection second(connection);
  ledger::State state = ledger::read_state(connection, context.settings());
  run::check_version_table(state, context.settings());
  std::optional<pg::Connection> found = second.take(connection);
  return {std::move(connection), std::move(state), std::move(found)};
}

int open_online(const ledger::State& state) {
  return state.online ? state.online->version : 0;
}

Judgement judgement_of(Context& context, const ledger::State& state, check::Outcome outcome) {
  const std::vector<Finding> unfinished = check::unfinished(state);
  outcome.findings.insert(outcome.findings.begin(), unfinished.begin(), unfinished.end());
  const std::string& name = state.name.empty() ? context.project().settings.name : state.name;
  Judgement judgement;
  judgement.findings = outcome.findings;
  judgement.text = as_text(outcome, name, context.style());
  judgement.json = as_json(outcome);
  return judgement;
}

void refuse_unknown_version(const ledger::State& state, const Project& project) {
  if (state.version <= project.newest()) return;
  throw Error(
      ExitCode::failed,
      fmt::format("the database is at {}, the newest version file is {}", state.version, project.newest()),
      "use the project's present files");
}

/// The server reads its catalog while the files are parsed here and what they declare is laid out.
Judgement judge(Context& context) {
  Seen seen = context.ahead_of_files([&] { return see(context); });
  std::future<catalog::Schema> reading =
      std::async(std::launch::async, [&seen, table = context.settings().version_table] {
        return catalog::read_public(seen.connection, table, seen.second_or_none());
      });
  const Project& project = context.project();
  refuse_unknown_version(seen.state, project);
  check::Sides sides{catalog::declared_tables(project), catalog::methods_at(project, seen.state.version), {}};
  sides.live = reading.get();
  seen.second.reset();  // somebody else may need it
  return judgement_of(
      context, seen.state,
      check::check(seen.connection, project, seen.state.version, open_online(seen.state), std::move(sides)));
}

std::string mending(const check::FullOutcome& full, const Catalog& expected, int server_version) {
  std::vector<catalog::Mend> mends = catalog::mend(
      full.differences,
      {full.names.owner, full.names.user_prefix, server_version, expected, full.found, full.renamed});
  mends.insert(mends.end(), full.of_users.begin(), full.of_users.end());
  return catalog::to_sql(mends);
}

/// The server reads its catalog while the files are parsed here, those of a saved catalog, too. A scratch
/// database would take the server's cores, and is made afterwards.
Judgement judge_full(Context& context) {
  Seen seen = context.ahead_of_files([&] { return see(context); });
  pg::Connection& connection = seen.connection;
  const ledger::State& state = seen.state;
  const int server_version = connection.server_version();
  std::future<check::LiveCatalog> reading =
      std::async(std::launch::async, [&seen, settings = context.settings()] {
        return check::read_live(seen.connection, settings, seen.second_or_none());
      });
  const Project& project = context.project();
  refuse_unknown_version(state, project);
  check::LiveCatalog live;
  const auto finish_reading = [&] {
    live = reading.get();
    seen.second.reset();  // somebody else may need it
  };
  if (!context.arguments().has("saved")) finish_reading();
  const Catalog expected = expected_at(context, state.version, server_version / 10000);
  if (reading.valid()) finish_reading();
  const scratch::Origins origins(project, state.version);
  const check::FullOutcome full = check::check_full(
      connection, project, state.version, open_online(state),
      {expected, [&](const Object& object) { return origins.of(object); }}, std::move(live));
  if (ledger::read_state(connection, project.settings).version != state.version)
    throw Error(ExitCode::failed, "the database's version changed while it was looked at", "run it again");
  Judgement judgement = judgement_of(context, state, full.outcome);
  if (context.arguments().has("sql")) {
    const std::string sql = mending(full, expected, server_version);
    judgement.text = sql.empty() ? "-- nothing to mend\n" : sql;
    ordered_json json = ordered_json::parse(judgement.json);
    json["sql"] = sql;
    judgement.json = json.dump() + "\n";
  }
  return judgement;
}

void refuse_contradictions(const Arguments& arguments) {
  const auto both = [&](const char* one, const char* other) {
    if (arguments.has(one) && arguments.has(other))
      throw Error(ExitCode::usage, fmt::format("--{} and --{} cannot both be meant", one, other),
                  "dbtool check --help tells what each does");
  };
  for (const char* live : {"full", "sql"}) {
    both(live, "scratch");
    both(live, "save");
  }
  both("saved", "scratch-url");
  both("scratch", "save");
  both("save", "output");
  both("save", "fail-on");
  for (const char* database : {"url", "target", "local"}) {
    both("scratch", database);
    both("save", database);
  }
  for (const char* option : {"data", "data-command", "seed"}) {
    const char* needed = std::string_view(option) == "data" ? "scratch" : "data";
    if (arguments.has(option) && !arguments.has(needed))
      throw Error(ExitCode::usage, fmt::format("--{} goes with --{}", option, needed),
                  "dbtool check --scratch --data");
  }
  const bool full = arguments.has("full") || arguments.has("sql");
  if (arguments.has("saved") && !full)
    throw Error(ExitCode::usage, "--saved goes with --full or --sql", "dbtool check --full --saved");
  if (arguments.has("scratch-url") && !full && !arguments.has("scratch") && !arguments.has("save"))
    throw Error(ExitCode::usage, "--scratch-url goes with --full, --sql, --scratch or --save",
                "dbtool check --scratch --scratch-url URL");
}

}  // namespace

Command check_command() {
  Command command;
  command.name = "check";
  command.summary = "compare the live schema with the declared one";
  command.description =
      "Tables and grants are compared with tables.yml and access.yml at the newest version, stored functions "
      "with the version files at any, users' attributes and memberships always. --full compares everything "
      "that the server keeps with what the version files make. --scratch needs no database: every version "
      "goes up, down and up in a throwaway one. The database is never changed. Ends with 3 when something "
      "differs.";
  command.examples = {"dbtool --target firefox-ci check --full",
                      "dbtool check --scratch --output junit=check.xml"};
  command.options = report_options();
  const std::vector<OptionSpec> own = {
      {"full", 0, "", "the whole catalog: defaults, indexes, constraints, triggers, owners, comments, …"},
      {"scratch", 0, "", "no database: try every version in a throwaway one, up, down and up again"},
      {"scratch-url", 0, "URL",
       "make throwaway databases on that server instead of a private one; they are dropped"},
      {"data", 0, "", "with --scratch: with generated rows in every table, compared after the way back"},
      {"data-command", 0, "COMMAND",
       "with --data: a shell command that puts rows in before each version; it gets DBTOOL_URL and "
       "DBTOOL_VERSION"},
      {"seed", 0, "N", "with --data: of the rows and of the batch that an online version is stopped after"},
      {"save", 0, "", "write what every version makes into schema/catalog/"},
      {"sql", 0, "", "as --full, and print the statements that would mend what differs; none is run"},
      {"saved", 0, "", "with --full or --sql: expect what schema/catalog/ says"},
  };
  command.options.insert(command.options.begin(), own.begin(), own.end());
  command.run = [](Context& context, const Arguments& arguments) {
    refuse_contradictions(arguments);
    if (arguments.has("scratch")) return report_findings(context, [&] { return judge_scratch(context); });
    if (arguments.has("save")) return save_catalog(context);
    const bool full = arguments.has("full") || arguments.has("sql");
    return report_findings(context, [&] { return full ? judge_full(context) : judge(context); });
  };
  return command;
}

}  // namespace dbtool::cli
