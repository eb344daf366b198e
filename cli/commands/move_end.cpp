#include "cli/commands/move_end.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands/goal.h"
#include "cli/findings.h"
#include "cli/forecast_text.h"
#include "model/release.h"

namespace dbtool::cli {

namespace {

using nlohmann::ordered_json;

/// "v32.0.0, v33.0.0": the releases that may run on a database at `version`.
std::string releases_at(const Project& project, int version) {
  return names_of(releases_on(project.releases, version, project.settings.release_support));
}

std::string must_not_run(const Project& project, int at) {
  std::vector<std::string> names;
  for (const Release& release : project.releases) {
    if (release.version > at) names.push_back(release.name);
  }
  return names.empty() ? "" : "; must NOT run: " + join(names, ", ");
}

ordered_json to_json(const run::Overrun& overrun) {
  ordered_json json{{"version", overrun.version},    {"begun", overrun.begun},
                    {"reason", overrun.reason},      {"because", overrun.because},
                    {"advice", overrun.advice},      {"needs_low_seconds", nullptr},
                    {"needs_high_seconds", nullptr}, {"rollback_seconds", overrun.rollback_seconds}};
  if (overrun.needs.trust != window::Trust::unknown) {
    json["needs_low_seconds"] = overrun.needs.range.low;
    json["needs_high_seconds"] = overrun.needs.range.high;
  }
  return json;
}

void print_json(Context& context, const run::Run& run, const MoveEnd& end) {
  const Project& project = run.project();
  ordered_json json{{"version", end.at},
                    {"from", run.plan().from},
                    {"goal", run.plan().goal},
                    {"findings", ordered_json::parse(report::to_json(end.findings))}};
  json["releases"] = ordered_json::array();
  for (const Release& release : releases_on(project.releases, end.at, project.settings.release_support))
    json["releases"].push_back(release.name);
  if (end.overrun) json["turned_back"] = to_json(*end.overrun);
  if (!end.next.empty()) json["next"] = end.next;
  context.print(json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

/// Tables that the step wrote and that are there without it.
std::vector<std::string> that_stay(pg::Connection& connection, const std::vector<std::string>& tables) {
  std::vector<std::string> stay;
  for (const std::string& table : tables) {
    if (connection.query("select to_regclass($1) is not null", {table}).boolean(0, 0)) stay.push_back(table);
  }
  return stay;
}

/// What became of the backend that worked on the step.
std::string backend_text(pg::Connection& connection, const run::Overrun& overrun) {
  const int pid = overrun.backend_pid;
  const bool works = connection.backend_pid() != pid &&
                     connection
                         .query(
                             "select exists (select from pg_stat_activity where pid = $1 and datname = "
                             "current_database())",
                             {std::to_string(pid)})
                         .boolean(0, 0);
  if (works)
    return fmt::format(
        "cancelled, but backend {0} STILL WORKS and holds its locks: select pg_terminate_backend({0});", pid);
  return fmt::format("cancelled, backend {} is done with it, rolled back in {}", pid,
                     seconds_text(overrun.rollback_seconds));
}

std::string next_after(const run::Run& run, const run::Overrun& overrun, int at) {
  const Project& project = run.project();
  std::string next;
  const std::vector<Release> may_run = releases_on(project.releases, at, project.settings.release_support);
  if (!may_run.empty()) next = fmt::format("deploy {}, then dbtool window close; ", may_run.back().name);
  if (!overrun.advice.empty()) return next + fmt::format("{}: {}", overrun.version, overrun.advice);
  return next +
         fmt::format(
             "{} needs an online form, a longer window, or what `dbtool rehearse --on COPY` tells of it",
             overrun.version);
}

}  // namespace

void print_end(Context& context, const run::Run& run, const MoveEnd& end) {
  if (context.json()) return print_json(context, run, end);
  const Project& project = run.project();
  const check::Outcome& outcome = end.outcome;
  std::string text = end.headline + "\n";
  for (const std::string& line : end.lines) text += "  " + line + "\n";
  text += report::to_text(end.findings, severity_paint(context.style()));
  text += fmt::format("  check: {}; compared {}, {}, {}\n", findings_summary(outcome.findings),
                      plural(static_cast<std::size_t>(outcome.tables), "table"),
                      plural(static_cast<std::size_t>(outcome.functions), "function"),
                      plural(static_cast<std::size_t>(outcome.grants), "grant"));
  if (!project.releases.empty())
    text += fmt::format("  may run: {}{}\n", releases_at(project, end.at), must_not_run(project, end.at));
  if (!end.next.empty()) text += "  next: " + end.next + "\n";
  context.print(text);
}

MoveEnd turned_back(run::Run& run, const run::Overrun& overrun, const std::string& state, int at,
                    std::vector<Finding> findings, check::Outcome outcome) {
  MoveEnd end{at, {}, {}, std::move(findings), std::move(outcome), next_after(run, overrun, at), overrun};
  end.headline = fmt::format("{} {}version {}: {}", overrun.begun ? "TURNED BACK in" : "NOT BEGUN:",
                             overrun.direction == Direction::downgrade ? "the way back from " : "",
                             overrun.version, overrun.reason);
  for (const std::string& reason : overrun.because) end.lines.push_back("why: " + reason);
  if (overrun.needs.trust != window::Trust::unknown)
    end.lines.push_back("the rest needs " + forecast_text(overrun.needs));
  if (overrun.begun) end.lines.push_back(backend_text(run.connection(), overrun));
  end.lines.push_back(state);
  if (const auto tables = that_stay(run.connection(), overrun.tables); overrun.begun && !tables.empty())
    end.lines.push_back("dead space is left behind; in a quiet hour: vacuum (analyze) " + join(tables, ", ") +
                        ";");
  return end;
}

}  // namespace dbtool::cli
