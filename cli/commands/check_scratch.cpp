#include "cli/commands/check_scratch.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "base/duration.h"
#include "base/text.h"
#include "check/judged.h"
#include "cli/findings.h"
#include "cli/interrupt.h"
#include "report/findings.h"
#include "scratch/data_trip.h"
#include "scratch/round_trip.h"
#include "scratch/saved.h"

namespace dbtool::cli {

namespace {

using nlohmann::ordered_json;

scratch::HostOptions host_options(const Context& context) {
  return {context.arguments().text("scratch-url").value_or(""), 0};
}

bool is_clean(const std::vector<Finding>& findings) {
  return !report::fails(findings, Severity::warning);
}

std::vector<report::Case> cases_of(const Project& project, const scratch::RoundTrips& trips) {
  std::vector<report::Case> cases;
  for (const Version& version : project.versions) {
    if (version.number > trips.reached + 1) break;  // not tried
    report::Case one{fmt::format("version {}", version.number), version.number, version.place.file, 0};
    for (const scratch::VersionTrip& trip : trips.trips) {
      if (trip.version == version.number) one.seconds = trip.seconds;
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

scratch::DataOptions data_options(const Arguments& arguments) {
  scratch::DataOptions options;
  options.command = arguments.text("data-command").value_or("");
  const int seed = arguments.integer("seed").value_or(1);
  options.seed = static_cast<std::uint64_t>(seed);
  return options;
}

Finding without_rows(const std::string& text) {
  Finding finding;
  finding.severity = Severity::note;
  finding.rule = "no-rows";
  const std::size_t colon = text.find(": ");
  finding.object = "table " + text.substr(0, colon);
  finding.found = "no row could be made: " + text.substr(std::min(text.size(), colon + 2));
  return finding;
}

std::string as_json(const scratch::RoundTrips& trips, const std::vector<Finding>& findings) {
  ordered_json versions = ordered_json::array();
  for (const scratch::VersionTrip& trip : trips.trips)
    versions.push_back({{"version", trip.version}, {"seconds", trip.seconds}});
  const ordered_json json{{"version", trips.reached},
                          {"clean", is_clean(findings)},
                          {"findings", ordered_json::parse(report::to_json(findings))},
                          {"compared", {{"objects", trips.newest.size()}}},
                          {"versions", std::move(versions)}};
  return json.dump() + "\n";
}

}  // namespace

Judgement judge_scratch(Context& context) {
  const Project& project = context.project();
  const auto began = context.clock().now();
  handle_interrupts();
  scratch::Host host(project, host_options(context));
  scratch::RoundTrips trips =
      scratch::round_trips(host, context.clock(), context.interrupts(), context.observer());
  Judgement judgement;
  judgement.findings = std::move(trips.findings);
  if (trips.reached == project.newest()) {
    for (Finding& finding : scratch::stale_snapshot(project, host.server_version() / 10000, trips.snapshots))
      judgement.findings.push_back(std::move(finding));
  }
  if (context.arguments().has("data")) {
    scratch::DataTrips data =
        scratch::data_trips(host, context.clock(), context.interrupts(), data_options(context.arguments()),
                            trips.reached, scratch::known_faults(judgement.findings));
    std::move(data.findings.begin(), data.findings.end(), std::back_inserter(judgement.findings));
    for (const std::string& text : data.without_rows) judgement.findings.push_back(without_rows(text));
  }
  context.finish_progress();
  judgement.cases = cases_of(project, trips);
  const std::string took =
      dbtool::to_text(std::chrono::duration_cast<std::chrono::milliseconds>(context.clock().now() - began));
  const Style& style = context.style();
  const std::string summary = findings_summary(judgement.findings);
  judgement.text = fmt::format("versions 1 to {}, up, down and up: {}\n", trips.reached,
                               is_clean(judgement.findings) ? style.green(summary) : style.red(summary));
  judgement.text += report::to_text(judgement.findings, severity_paint(style));
  judgement.text += fmt::format("compared {} objects of the whole catalog at version {}, in {}\n",
                                trips.newest.size(), trips.reached, took);
  judgement.json = as_json(trips, judgement.findings);
  return judgement;
}

ExitCode save_catalog(Context& context) {
  const Project& project = context.project();
  handle_interrupts();
  scratch::Host host(project, host_options(context));
  const std::vector<std::string> changed =
      scratch::save_snapshot(project, scratch::snapshot_files(host, context.clock(), context.interrupts()));
  if (context.json()) {
    context.print(ordered_json(changed).dump() + "\n");
    return ExitCode::done;
  }
  for (const std::string& name : changed) context.print("changed  " + name + "\n");
  context.print(fmt::format("schema/catalog: {} of {} files changed\n", changed.size(), project.newest()));
  return ExitCode::done;
}

}  // namespace dbtool::cli
