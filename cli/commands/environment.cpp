#include <fmt/format.h>

#include "base/file.h"
#include "cli/commands/commands.h"
#include "cli/commands/environment_probe.h"
#include "cli/context.h"
#include "cli/environment_output.h"
#include "environment/benchmark.h"
#include "ledger/ledger.h"
#include "window/files.h"
#include "window/fingerprint.h"

namespace dbtool::cli {

namespace {

namespace fs = std::filesystem;

/// What the live database is like; without measurements.
dbtool::Environment read_live(Context& context, pg::Connection& connection) {
  const ledger::State state = ledger::read_state(connection, context.settings());
  dbtool::Environment live = window::fingerprint(connection);
  live.version = state.version;
  live.name = state.name.empty() ? context.settings().name : state.name;
  return live;
}

std::string name_of(const dbtool::Environment& environment) {
  return environment.name.empty() ? environment.database : environment.name;
}

/// Where the environment of a database is kept unless a file is named; relative to the project.
fs::path usual_file(const dbtool::Environment& environment) {
  std::string name = name_of(environment);
  for (char& c : name)
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < ' ') c = '_';
  if (name.starts_with('.')) name.front() = '_';
  return fs::path("environments") / (name + ".json");
}

/// Refuses, asks on a protected target, measures.
environment::Benchmark measure(Context& context, pg::Connection& connection, dbtool::Environment& live) {
  const Arguments& arguments = context.arguments();
  environment::refuse_benchmark(connection, context.project(), arguments.has("force"));
  if (context.settings().is_protected)
    confirm(
        context,
        fmt::format("{} is protected. The benchmark makes tables in a schema {} of it, writes about 80 MB of "
                    "write-ahead log, which replicas and archives get too, and drops them, within a "
                    "minute.",
                    name_of(live), environment::benchmark_schema),
        name_of(live));
  context.observer()(
      Message{Message::Level::note,
              fmt::format("measuring in a schema {} of the database, for some seconds, a minute at most",
                          environment::benchmark_schema)});
  environment::BenchmarkOptions options;
  options.role = context.settings().role;
  environment::Benchmark found = environment::run_benchmark(connection.address(), options, context.clock(),
                                                            context.observer(), context.interrupts());
  live.measures = found.measures;
  return found;
}

ExitCode save(Context& context, const std::vector<std::string>& files) {
  if (files.size() > 1)
    throw Error(ExitCode::usage, "environment save takes one file", "dbtool environment save FILE");
  context.project();
  pg::Connection connection = context.connect();
  SavedEnvironment saved;
  saved.environment = read_live(context, connection);
  const fs::path usual = usual_file(saved.environment);
  const fs::path file = files.empty() ? context.directory() / usual : fs::path(files.front());
  saved.file = files.empty() ? usual.string() : file.string();
  saved.measured = !context.arguments().has("no-benchmark");
  if (saved.measured) saved.benchmark = measure(context, connection, saved.environment);
  std::error_code ignored;  // what cannot be made is told by the write
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), ignored);
  write_file_atomically(file, window::to_json(saved.environment));
  context.finish_progress();
  context.print(context.json() ? to_json_line(saved) : to_text(saved, context.style()));
  return ExitCode::done;
}

/// Takes the measurements that were saved of this very database, if there are any.
void take_saved_measures(Context& context, dbtool::Environment& live, ComparedEnvironments& compared,
                         const fs::path& other) {
  const fs::path usual = usual_file(live);
  const fs::path file = context.directory() / usual;
  std::error_code missing;
  if (!fs::exists(file, missing) || fs::equivalent(file, other, missing)) return;
  const dbtool::Environment saved = window::read_environment(file);
  if (saved.database != live.database || saved.host != live.host || saved.measures.empty()) return;
  live.measures = saved.measures;
  compared.remarks.push_back(
      fmt::format("measurements of here are those of {} in {}; --benchmark measures anew", saved.taken_at,
                  usual.string()));
}

ExitCode compare(Context& context, const std::vector<std::string>& files) {
  if (files.empty() || files.size() > 2)
    throw Error(ExitCode::usage, "environment compare takes one file or two",
                "dbtool environment compare FILE compares it with the live database, with FILE2 two files");
  ComparedEnvironments compared;
  compared.there = window::read_environment(files[0]);
  compared.there_source = files[0];
  if (files.size() == 2) {
    if (context.arguments().has("benchmark"))
      throw Error(ExitCode::usage, "--benchmark measures the live database, and two files are given",
                  "leave one of them out");
    compared.here = window::read_environment(files[1]);
    compared.here_source = files[1];
  } else {
    context.project();
    pg::Connection connection = context.connect();
    compared.here = read_live(context, connection);
    compared.here_source = "live";
    if (context.arguments().has("benchmark"))
      compared.remarks = measure(context, connection, compared.here).remarks;
    else
      take_saved_measures(context, compared.here, compared, files[0]);
  }
  context.finish_progress();
  context.print(context.json() ? to_json_line(compared) : to_text(compared, context.style()));
  return ExitCode::done;
}

ExitCode run_environment(Context& context, const Arguments& arguments) {
  const std::vector<std::string> files = arguments.texts("FILE");
  const std::string action = *arguments.text("ACTION");
  if (arguments.has("limit") && action != "probe")
    throw Error(ExitCode::usage, "--limit goes with environment probe");
  if (action == "probe") return probe_environment(context, files);
  const bool saves = action == "save";
  if (saves && arguments.has("benchmark"))
    throw Error(ExitCode::usage, "--benchmark goes with environment compare",
                "save measures unless told not to");
  if (!saves && arguments.has("no-benchmark"))
    throw Error(ExitCode::usage, "--no-benchmark goes with environment save",
                "compare measures only with --benchmark");
  return saves ? save(context, files) : compare(context, files);
}

}  // namespace

Command environment_command() {
  Command command;
  command.name = "environment";
  command.summary = "what two databases differ in, as far as it matters to a migration's time";
  command.description =
      "save writes settings, sizes, versions and what a small benchmark measures to FILE (default "
      "environments/NAME.json in the project). The benchmark works in a schema of its own, dbtool_benchmark, "
      "which is "
      "dropped at the end, takes some seconds, a minute at most, and writes about 80 MB of write-ahead log; "
      "it is "
      "refused while "
      "services are connected. compare puts FILE beside the live database, or beside FILE2, what matters "
      "most first, "
      "and says how many times slower each kind of work is, with its spread; of the live database by the "
      "measurements "
      "that were saved of it, or anew with --benchmark. probe does a pending version's own work (the next "
      "one's, or "
      "VERSION's) on some 10,000 rows from places all over its large tables, in a transaction that is rolled "
      "back, for 30 s at most; what would lock tables against the services is left out, and named. plan and "
      "status then reckon with what a row cost.";
  command.operands = {{"ACTION", "what to do", true, false, {"save", "compare", "probe"}},
                      {"FILE",
                       "where to save it, or what to compare; with probe: the version",
                       false,
                       true,
                       {},
                       Completes::files}};
  command.options = {
      {"no-benchmark", 0, "", "with save: measure nothing; changes nothing in the database"},
      {"benchmark", 0, "", "with compare: measure the live database now"},
      {"force", 0, "", "measure also while services are connected"},
      {"limit", 0, "TIME", "with probe: for how long at most (default and most: 30s)"},
      {"yes", 0, "NAME",
       "measure a protected database, or probe one that services are connected to, without asking: the "
       "environment's name"}};
  command.examples = {"dbtool --target firefox-ci environment save",
                      "dbtool environment compare environments/staging.json environments/firefox-ci.json",
                      "dbtool --target firefox-ci environment probe"};
  command.handles_interrupts = true;
  command.run = run_environment;
  return command;
}

}  // namespace dbtool::cli
