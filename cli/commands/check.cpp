#include "check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "catalog/mend.h"
#include "catalog/read.h"
#include "cli/commands/check_scratch.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/findings.h"
#include "cli/interrupt.h"
#include "cli/reporting.h"
#include "ledger/ledger.h"
#include "report/findings.h"
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
  Catalog public_objects;
};

/// The server reads its catalog while the files are parsed here: each takes about as long.
Seen see(Context& context) {
  context.load_ahead();
  try {
    pg::Connection connection = context.connect();
    ledger::State state = ledger::read_state(connection, context.settings());
    Catalog objects = catalog::read_public(connection, context.settings().version_table);
    return {std::move(connection), std::move(state), std::move(objects)};
  } catch (const Error&) {
    context.project();  // what is wrong with the files is told first
    throw;
  }
}

Judgement judge(Context& context) {
  Seen seen = see(context);
  pg::Connection& connection = seen.connection;
  const ledger::State& state = seen.state;
  const Project& project = context.project();
  const int open_online = state.online ? state.online->version : 0;
  const std::string& name = state.name.empty() ? project.settings.name : state.name;
  const auto judgement_of = [&](const check::Outcome& outcome) {
    Judgement judgement;
    judgement.findings = outcome.findings;
    judgement.text = as_text(outcome, name, context.style());
    judgement.json = as_json(outcome);
    return judgement;
  };
  if (!context.arguments().has("full") && !context.arguments().has("sql"))
    return judgement_of(
        check::check(connection, project, state.version, open_online, std::move(seen.public_objects)));
  if (state.version > project.newest())
    throw Error(
        ExitCode::failed,
        fmt::format("the database is at {}, the newest version file is {}", state.version, project.newest()),
        "use the project's present files");
  // Saved files are read while the server reads its catalog. A scratch database would take the server's
  // cores.
  const auto when = context.arguments().has("saved") ? std::launch::async : std::launch::deferred;
  std::future<Catalog> making = std::async(when, [&, major = connection.server_version() / 10000] {
    return expected_at(context, state.version, major);
  });
  Catalog expected;
  const auto wait = [&]() -> const Catalog& { return expected = making.get(); };
  const scratch::Origins origins(project, state.version);
  const check::FullOutcome full = check::check_full(
      connection, project, state.version, open_online,
      {wait, [&](const Object& object) { return origins.of(object); }}, std::move(seen.public_objects));
  if (ledger::read_state(connection, project.settings).version != state.version)
    throw Error(ExitCode::failed, "the database's version changed while it was looked at", "run it again");
  Judgement judgement = judgement_of(full.outcome);
  if (context.arguments().has("sql")) {
    const std::string sql =
        catalog::to_sql(catalog::mend(full.differences, {full.names.owner, full.names.user_prefix,
                                                         connection.server_version(), expected, full.found}));
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
    return report_findings(context, [&] { return judge(context); });
  };
  return command;
}

}  // namespace dbtool::cli
