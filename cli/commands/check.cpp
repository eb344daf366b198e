#include "check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/mend.h"
#include "catalog/snapshot.h"
#include "cli/commands/check_scratch.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/findings.h"
#include "cli/reporting.h"
#include "ledger/ledger.h"
#include "pg/server.h"
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

/// The whole catalog as it should be at a version: from a scratch database, or from what was saved.
class Expectation {
 public:
  Expectation(Context& context, int version, int live_major)
      : context_(context), version_(version), live_major_(live_major) {}

  Catalog make() const {
    const Arguments& arguments = context_.arguments();
    if (arguments.has("saved")) return from_snapshot();
    if (const auto url = arguments.text("scratch-url")) return from_scratch({*url, 0});
    if (pg::has_server_binaries(live_major_)) return from_scratch({"", live_major_});
    if (catalog::has_snapshot(context_.project())) return from_snapshot();
    if (!pg::has_server_binaries())
      throw Error(ExitCode::unreachable,
                  "what should be there cannot be known: there are no PostgreSQL server programs on this "
                  "machine, and schema/catalog/ holds no saved catalog",
                  "install the package postgresql, name a server with --scratch-url, or let CI keep "
                  "schema/catalog/ with dbtool check --save");
    context_.note(fmt::format(
        "note: the expectation is built by another major version of PostgreSQL than the database's ({}), "
        "which may print some definitions differently",
        live_major_));
    return from_scratch({});
  }

 private:
  Catalog from_scratch(const scratch::HostOptions& options) const {
    scratch::Host host(context_.project(), options);
    return scratch::expected_catalog(host, context_.clock(), version_, context_.interrupts());
  }

  Catalog from_snapshot() const {
    if (version_ == 0)
      throw Error(ExitCode::usage, "the database is at 0, for which nothing is saved", "upgrade it first");
    catalog::Snapshot snapshot = catalog::read_snapshot(context_.project(), version_);
    if (snapshot.server_major != live_major_)
      context_.note(
          fmt::format("note: schema/catalog/ was saved with PostgreSQL {}, the database's is {}: "
                      "some definitions may be printed differently",
                      snapshot.server_major, live_major_));
    return std::move(snapshot.objects);
  }

  Context& context_;
  int version_;
  int live_major_;
};

Judgement judge(Context& context) {
  const Project& project = context.project();
  pg::Connection connection = context.connect();
  const ledger::State state = ledger::read_state(connection, project.settings);
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
    return judgement_of(check::check(connection, project, state.version, open_online));
  if (state.version > project.newest())
    throw Error(
        ExitCode::failed,
        fmt::format("the database is at {}, the newest version file is {}", state.version, project.newest()),
        "use the project's present files");
  const Catalog expected = Expectation(context, state.version, connection.server_version() / 10000).make();
  const scratch::Origins origins(project, state.version);
  const check::FullOutcome full =
      check::check_full(connection, project, state.version, open_online,
                        {expected, [&](const Object& object) { return origins.of(object); }});
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
