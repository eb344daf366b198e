#include "scratch/batch_plans.h"

#include <fmt/format.h>

#include <utility>

#include "run/plan.h"
#include "scratch/database.h"
#include "scratch/trip_finding.h"

namespace dbtool::scratch {
namespace {

bool has_online(const Version& version, Direction direction) {
  return version.online(direction) || run::begins_online(version, direction);
}

/// The same versions, of which no declared online part is run: nothing is there that it could move.
Project without_declared(Project project) {
  for (Version& version : project.versions) {
    version.online_migration.reset();
    version.online_downgrade.reset();
  }
  return project;
}

class PlanWalk {
 public:
  PlanWalk(Host& host, Clock& clock, const InterruptCount& interrupts)
      : database_(host, clock), interrupts_(interrupts) {}

  /// Of one version, above those that were asked about before. False: the walk cannot go on.
  bool ask(const Version& version) {
    const int number = version.number;
    if (!reach(version, number - 1)) return false;
    if (!explain_behind(version, number, lint::Direction::upgrade) || !reach(version, number)) return false;
    if (!has_online(version, Direction::downgrade)) return true;
    return explain_behind(version, number - 1, lint::Direction::downgrade) && reach(version, number - 1);
  }

  lint::Explained& explained() { return explained_; }

 private:
  bool reach(const Version& asked, int goal, OnlinePart online = OnlinePart::run) {
    const auto fault = attempt_to(database_, goal, interrupts_, online);
    if (!fault) return true;
    explained_.notes.push_back(fmt::format("no plans of batches from version {} on: {} ({})", asked.number,
                                           fault->what(), to_text(fault->facts().place)));
    return false;
  }

  bool explain_behind(const Version& version, int goal, lint::Direction direction) {
    if (!reach(version, goal, OnlinePart::put_off)) return false;
    explained_.add(lint::explain_batches(database_.connection(), version, direction));
    return true;
  }

  Database database_;
  const InterruptCount& interrupts_;
  lint::Explained explained_;
};

}  // namespace

lint::Explained batch_plans(const Project& project, const HostOptions& options, Clock& clock,
                            const InterruptCount& interrupts, const Observer& observer,
                            const std::set<int>& versions) {
  std::vector<const Version*> online;
  for (const Version& version : project.versions) {
    const bool any = has_online(version, Direction::upgrade) || has_online(version, Direction::downgrade);
    if (any && versions.contains(version.number)) online.push_back(&version);
  }
  if (online.empty()) return {};
  Host host(without_declared(project), options);
  PlanWalk walk(host, clock, interrupts);
  for (const Version* version : online) {
    observer(StepStarted{Direction::upgrade, version->number, version->description, "plans of batches"});
    const auto began = clock.now();
    if (!walk.ask(*version)) break;
    observer(StepDone{Direction::upgrade, version->number, version->number,
                      std::chrono::duration_cast<std::chrono::milliseconds>(clock.now() - began)});
  }
  return std::move(walk.explained());
}

}  // namespace dbtool::scratch
