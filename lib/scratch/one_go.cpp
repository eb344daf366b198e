#include "scratch/one_go.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "catalog/fold.h"

namespace dbtool::scratch {

namespace {

std::string in_one_go(Way way) {
  const char* ways = way == Way::down ? "down" : way == Way::up ? "up" : "up, down and up";
  return fmt::format("all versions {} in one go", ways);
}

}  // namespace

OneGo::OneGo(Host& host, Clock& clock, const InterruptCount& interrupts)
    : host_(host),
      database_(host, clock),
      interrupts_(interrupts),
      legs_(std::async(std::launch::async, [this] { return run(); })) {}

OneGo::~OneGo() {
  given_up_ = true;
  if (legs_.valid()) legs_.wait();
}

std::vector<OneGo::Leg> OneGo::run() {
  const int newest = host_.project().newest();
  const InterruptCount interrupts = [this] { return given_up_ ? 1 : interrupts_(); };
  std::vector<Leg> legs;
  for (const auto& [goal, way] : {std::pair{newest, Way::up}, {0, Way::down}, {newest, Way::up_again}}) {
    Leg& leg = legs.emplace_back(Leg{goal, way});
    leg.fault = attempt_to(database_, goal, interrupts);
    if (leg.fault) break;
    leg.catalog = database_.read();
  }
  return legs;
}

void OneGo::add_failure(const Leg& leg, const std::set<int>& faulty, std::vector<Finding>& findings) const {
  const int newest = host_.project().newest();
  const int version = leg.fault->facts().version;
  const bool of_version = version >= 1 && version <= newest;
  // Above a fault that was named, everything may follow from it; what comes before the first step may, too.
  if (faulty.contains(version) || (!faulty.empty() && (leg.way != Way::up || !of_version))) return;
  Finding finding = of_failure(host_.project().version(of_version ? version : newest), leg.way, *leg.fault);
  if (!of_version) finding.message += fmt::format(" ({}, outside its steps)", in_one_go(leg.way));
  findings.push_back(std::move(finding));
}

std::vector<Finding> OneGo::findings(const Catalog& nothing, const Catalog& newest, int reached,
                                     const std::vector<Finding>& told) {
  const std::vector<Leg> legs = legs_.get();
  std::set<int> faulty;
  std::set<std::string> objects;
  for (const Finding& finding : told) {
    objects.insert(finding.object);
    if (finding.severity == Severity::error) faulty.insert(finding.version);
  }
  std::vector<Finding> findings;
  for (const Leg& leg : legs) {
    if (leg.fault) {
      add_failure(leg, faulty, findings);
      break;
    }
    if (reached < host_.project().newest()) break;
    const Catalog& expected = leg.way == Way::down ? nothing : newest;
    Version whole;
    whole.number = leg.goal;
    for (Finding& finding :
         of_differences(host_, whole, leg.way, catalog::fold(catalog::diff_full(expected, leg.catalog)))) {
      if (!objects.insert(finding.object).second) continue;
      finding.fact = in_one_go(leg.way);
      findings.push_back(std::move(finding));
    }
    if (!findings.empty()) break;
  }
  return findings;
}

}  // namespace dbtool::scratch
