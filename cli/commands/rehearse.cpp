#include "rehearse/rehearse.h"
#include "environment/benchmark.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/output_files.h"
#include "cli/rehearsal_text.h"
#include "ledger/ledger.h"
#include "ledger/session.h"
#include "load/load.h"
#include "rehearse/copy.h"
#include "rehearse/generated.h"
#include "report/document.h"
#include "report/findings.h"
#include "window/files.h"

namespace dbtool::cli {

namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

/// "rehearsals/20-20261120T080000Z.json" of the project.
fs::path file_of(Context& context, int goal, const std::string& made_at) {
  std::string stamp;
  std::copy_if(made_at.begin(), made_at.end(), std::back_inserter(stamp),
               [](char c) { return c != '-' && c != ':'; });
  return context.directory() / "rehearsals" / fmt::format("{}-{}.json", goal, stamp);
}

fs::path write(Context& context, const Arguments& arguments, int goal, const rehearse::Outcome& outcome) {
  const auto asked = arguments.text("output");
  fs::path file = asked ? fs::path(*asked) : file_of(context, goal, outcome.rehearsal.made_at);
  if (outcome.failure) file = window::failed_file(file);
  if (!asked) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error)
      throw Error(ExitCode::failed,
                  fmt::format("cannot make {}: {}", file.parent_path().string(), error.message()),
                  "name another place: --output FILE");
  }
  write_file_atomically(file, window::to_json(outcome.rehearsal));
  return file;
}

ordered_json as_json(const rehearse::Outcome& outcome, int goal, const fs::path& file) {
  ordered_json json{{"from", outcome.from}, {"goal", goal}, {"file", file.string()}};
  json["seconds_again"] =
      outcome.seconds_again ? ordered_json(*outcome.seconds_again) : ordered_json(nullptr);
  json["checks"] = ordered_json::array();
  for (const rehearse::Check& check : outcome.checks) {
    json["checks"].push_back({{"direction", to_text(check.direction)},
                              {"version", check.version},
                              {"findings", ordered_json::parse(report::to_json(check.findings))}});
  }
  json["rehearsal"] = ordered_json::parse(window::to_json(outcome.rehearsal))["rehearsal"];
  return json;
}

void check_arguments(const Arguments& arguments) {
  const int ways = static_cast<int>(arguments.has("on")) + static_cast<int>(arguments.has("clone")) +
                   static_cast<int>(arguments.has("sizes"));
  if (ways != 1) {
    throw Error(
        ExitCode::usage,
        ways == 0 ? "there must be a copy to rehearse on" : "more than one copy to rehearse on was given",
        "--on URL: a database restored from a backup; --clone: one that is made of the database meant; "
        "--sizes FILE: generated rows in a private server");
  }
  if (!arguments.has("sizes")) {
    if (arguments.has("samples")) {
      throw Error(
          ExitCode::usage,
          "--samples is for generated rows: a part of a copy's rows would tear apart what belongs "
          "together, and its tables would keep the size of all",
          "--sizes FILE --samples 1%,10% shows how costs grow; rehearse on the copy for what they are");
    }
    for (const char* option : {"from", "data-command", "seed", "server-setting"}) {
      if (arguments.has(option))
        throw Error(ExitCode::usage, fmt::format("--{} is for generated rows", option), "give --sizes FILE");
    }
  }
  if (arguments.has("rollback") && (arguments.has("no-down") || arguments.has("no-again")))
    throw Error(ExitCode::usage, "--rollback needs the way down and up again",
                "leave --no-down and --no-again out");
  if (const auto file = arguments.text("output")) check_writable(*file);
}

/// How fast the server is, for who converts what was measured here to another one.
void measure(Context& context, const pg::Address& address, rehearse::Outcome& outcome) {
  if (context.arguments().has("no-benchmark")) return;
  environment::BenchmarkOptions options;
  options.role = context.settings().role;
  try {
    outcome.rehearsal.environment.measures =
        environment::run_benchmark(address, options, context.clock(), context.observer(),
                                   context.interrupts())
            .measures;
  } catch (const Error& error) {
    // What was rehearsed is worth more than that.
    context.note(fmt::format(
        "the server was not measured, so that nothing can be converted to another one: {}", error.what()));
  }
}

rehearse::Outcome rehearse_on(Context& context, const Arguments& arguments, const rehearse::Request& request,
                              const pg::Address& address) {
  {
    pg::Connection connection = ledger::open_as(address, context.settings().role);
    context.observer()(Connected{ledger::read_name(connection), connection.host(), connection.database(),
                                 connection.user()});
    if (!arguments.has("force")) rehearse::refuse_unless_copy(connection, context.project());
  }
  rehearse::Outcome outcome = rehearse::rehearse(address, context.project(), request, context.clock(),
                                                 context.observer(), context.interrupts());
  measure(context, address, outcome);
  return outcome;
}

rehearse::Outcome rehearse_clone(Context& context, const Arguments& arguments,
                                 const rehearse::Request& request) {
  const rehearse::Clone clone(context.address(), context.project(), arguments.has("force"),
                              context.observer(), context.interrupts());
  context.note(fmt::format("rehearsing on {}, a copy that is dropped at the end", clone.name()));
  rehearse::Outcome outcome = rehearse::rehearse(clone.address(), context.project(), request, context.clock(),
                                                 context.observer(), context.interrupts());
  measure(context, clone.address(), outcome);
  return outcome;
}

/// "1%,10%", "0.01,0.1"; ascending afterwards.
std::vector<double> parse_samples(const std::string& text) {
  std::vector<double> samples;
  std::istringstream words(text);
  for (std::string own; std::getline(words, own, ',');) {
    const std::string_view word = trim(own);
    const bool is_percent = word.ends_with('%');
    const std::string number(trim(is_percent ? word.substr(0, word.size() - 1) : word));
    char* end = nullptr;
    const double share = std::strtod(number.c_str(), &end) / (is_percent ? 100 : 1);
    if (number.empty() || *end != '\0' || !(share > 0) || share > 1) {
      throw Error(ExitCode::usage, fmt::format("\"{}\" is no share of the rows", word),
                  "write --samples 1%,10%: more than 0 and at most 100 %");
    }
    samples.push_back(share);
  }
  if (samples.empty()) throw Error(ExitCode::usage, "--samples names no share", "write --samples 1%,10%");
  std::sort(samples.begin(), samples.end());
  samples.erase(std::unique(samples.begin(), samples.end()), samples.end());
  return samples;
}

rehearse::Outcome rehearse_sizes(Context& context, const Arguments& arguments,
                                 const rehearse::Request& request) {
  rehearse::GeneratedRequest generated;
  generated.sizes = load::read_sizes_file(*arguments.text("sizes"));
  if (const auto samples = arguments.text("samples")) generated.samples = parse_samples(*samples);
  generated.from = arguments.integer("from").value_or(request.goal - 1);
  if (generated.from < 0 || generated.from >= request.goal) {
    throw Error(ExitCode::usage, fmt::format("version {} is not below {}", generated.from, request.goal),
                "the rows are put in at the version --from, and the versions above it are rehearsed");
  }
  generated.command = arguments.text("data-command").value_or("");
  const int seed = arguments.integer("seed").value_or(1);
  generated.seed = static_cast<std::uint64_t>(seed);
  generated.settings = arguments.texts("server-setting");
  generated.force = arguments.has("force");
  context.note(
      fmt::format("rehearsing on generated rows at version {}, in a private server that is gone at "
                  "the end",
                  generated.from));
  return rehearse::rehearse_generated(
      context.project(), request, generated, context.clock(), context.observer(), context.interrupts(),
      [&](const pg::Address& address, rehearse::Outcome& outcome) { measure(context, address, outcome); });
}

/// How the rehearsal was come by, as Rehearsal::source.
const char* source_of(const Arguments& arguments) {
  return arguments.has("on") ? "copy" : arguments.has("clone") ? "clone" : "generated";
}

ExitCode run_rehearse(Context& context, const Arguments& arguments) {
  check_arguments(arguments);
  rehearse::Request request;
  request.goal = arguments.integer("GOAL").value_or(context.project().newest());
  if (request.goal > context.project().newest()) {
    throw Error(ExitCode::usage, fmt::format("there is no version {}", request.goal),
                fmt::format("the newest is {}", context.project().newest()));
  }
  request.down = !arguments.has("no-down");
  request.again = request.down && !arguments.has("no-again");
  request.rollback = arguments.has("rollback");
  for (const int number : arguments.integers("accept-changed")) request.accept_changed.insert(number);
  rehearse::Outcome outcome;
  if (const auto url = arguments.text("on")) {
    pg::Address address;
    address.url = *url;
    outcome = rehearse_on(context, arguments, request, address);
  } else if (arguments.has("sizes")) {
    outcome = rehearse_sizes(context, arguments, request);
  } else {
    outcome = rehearse_clone(context, arguments, request);
  }
  outcome.rehearsal.source = source_of(arguments);
  outcome.rehearsal.program = std::string(trim(program_version()));
  const fs::path file = write(context, arguments, request.goal, outcome);
  context.finish_progress();
  if (context.json()) {
    context.print(as_json(outcome, request.goal, file).dump() + "\n");
  } else {
    context.print(fmt::format("REHEARSED {} → {}{}\n", outcome.from, request.goal,
                              outcome.failure ? ", AND FAILED ON THE WAY" : "") +
                  rehearsal_text(outcome, context.style()) + fmt::format("written to {}\n", file.string()));
  }
  if (outcome.failure) throw Error(*outcome.failure);
  const bool found = std::any_of(
      outcome.checks.begin(), outcome.checks.end(),
      [](const rehearse::Check& check) { return report::fails(check.findings, Severity::warning); });
  return found ? ExitCode::findings : ExitCode::done;
}

}  // namespace

Command rehearse_command() {
  Command command;
  command.name = "rehearse";
  command.summary = "run versions on a copy, up, down and up again, and write down what it costs";
  command.description =
      "Upgrades a copy of the database from its version to GOAL, goes back, and up once more, with a check "
      "after "
      "each. Time, write-ahead log, locks, tables, temporary files and more of every version go into a file "
      "of the "
      "project's rehearsals/, from which later runs are forecast. --on takes a database that was restored "
      "from a "
      "backup, and refuses one that is not marked as a copy: by a comment (comment on database d is 'dbtool: "
      "copy'), or by copy, clone or rehearsal as a word of its name. --clone copies the database meant on "
      "its own "
      "server, where nobody may be connected to it meanwhile, and drops the copy at the end. --sizes needs "
      "no "
      "database: a private server runs the versions below, gets as many generated rows as the file says "
      "(schema/sizes.yml) into the tables that the rehearsed versions are about, and with --samples does so "
      "at "
      "several sizes, to see how costs grow. Rows that only the project can make, such as documents that a "
      "version takes apart, come from --data-command.";
  command.operands = {
      {"GOAL", "the version to reach; the newest when not given", false, false, {}, Completes::versions}};
  command.options = {
      {"on", 0, "URL", "rehearse on this database; it is changed for good"},
      {"clone", 0, "", "rehearse on a copy made of the database that --url and its like name"},
      {"sizes",
       0,
       "FILE",
       "rehearse on generated rows, as many as this file says",
       false,
       {},
       Completes::files},
      {"samples", 0, "SHARES", "with --sizes: 1%,10% of those rows, one after the other, and how costs grow"},
      {"from", 0, "N",
       "with --sizes: the version at which the rows are put in; the one below GOAL when not given"},
      {"data-command", 0, "COMMAND",
       "with --sizes: a shell command that puts rows in first, from which the others are made; it gets "
       "DBTOOL_URL, DBTOOL_VERSION and DBTOOL_SHARE"},
      {"seed", 0, "N", "with --sizes: of the generated rows"},
      {"server-setting", 0, "NAME=VALUE", "with --sizes: a setting of the private server", true},
      {"no-down", 0, "", "leave out the way back, and up again"},
      {"no-again", 0, "", "leave out the second way up"},
      {"no-benchmark", 0, "",
       "do not measure how fast the server is (some seconds): then nothing can be converted to another one"},
      {"rollback", 0, "",
       "also cancel a try of each script of a second or more, to see how long its rollback takes"},
      {"output", 0, "FILE", "write the rehearsal there", false, {}, Completes::files},
      {"force", 0, "",
       "go on although it is not marked as a copy, services are connected, or the disk is small"},
      {"accept-changed",
       0,
       "N",
       "the file of applied version N may have changed",
       true,
       {},
       Completes::versions}};
  command.examples = {"dbtool rehearse 20 --on postgresql://admin@backup/firefox_ci",
                      "dbtool --target staging rehearse --clone --rollback",
                      "dbtool rehearse --sizes schema/sizes.yml --samples 0.1%,1%"};
  command.handles_interrupts = true;
  command.run = run_rehearse;
  return command;
}

}  // namespace dbtool::cli
