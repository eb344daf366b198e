#include "scratch/trip_finding.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "check/full.h"

namespace dbtool::scratch {
namespace {

const char* words(Way way) {
  switch (way) {
    case Way::up:
      return "the upgrade to";
    case Way::down:
      return "the downgrade from";
    case Way::up_again:
      break;
  }
  return "the second upgrade to";
}

Place place_of(const Version& version, Way way) {
  const auto& script = way == Way::down ? version.downgrade_script : version.migration_script;
  return script ? script->place : version.place;
}

std::string rule_of(Way way, const catalog::Difference& difference) {
  const std::string start = way == Way::down ? "downgrade-" : "second-upgrade-";
  if (difference.expected == nullptr) return start + "leaves";
  return start + (difference.found == nullptr ? "lacks" : "changes");
}

bool is_column_order(const catalog::Difference& difference) {
  return difference.expected != nullptr && difference.found != nullptr && difference.fact == "columns";
}

}  // namespace

std::optional<Fault> attempt_to(Database& database, int goal, const InterruptCount& interrupts,
                                OnlinePart online) {
  try {
    database.go(goal, interrupts, {}, online);
    return std::nullopt;
  } catch (const run::StepError& error) {
    if (error.exit_code() == ExitCode::stopped || error.exit_code() == ExitCode::unreachable) throw;
    const auto& fields = error.facts().fields;
    if (fields && fields->sqlstate == "53100")
      throw Error(ExitCode::failed, fmt::format("the scratch database has no room left: {}", error.what()),
                  "make room there, or name another place for temporary files: TMPDIR=/DIRECTORY");
    return error;
  } catch (const Error& error) {
    // Before the first step: what the versions ask for cannot be planned.
    if (error.exit_code() != ExitCode::failed && error.exit_code() != ExitCode::usage) throw;
    return Fault(error.exit_code(), error.what(), error.advice(), {goal, {}, {}, {}, std::nullopt, {}});
  }
}

Finding of_failure(const Version& version, Way way, const Fault& fault) {
  Finding finding;
  finding.rule = way == Way::up     ? "upgrade-fails"
                 : way == Way::down ? "downgrade-fails"
                                    : "second-upgrade-fails";
  finding.version = version.number;
  finding.object = fmt::format("version {}", version.number);
  finding.place = fault.facts().place.file.empty() ? place_of(version, way) : fault.facts().place;
  finding.found = std::string(trim(fault.facts().source_line));
  finding.message = fmt::format("{} {} fails: {}", words(way), version.number, fault.what());
  if (fault.facts().fields) {
    const pg::ErrorFields& fields = *fault.facts().fields;
    if (!fields.detail.empty()) finding.message += ". " + fields.detail;
    if (!fields.hint.empty()) finding.message += " " + fields.hint;
  }
  return finding;
}

std::vector<Finding> of_differences(const Host& host, const Version& version, Way way,
                                    const std::vector<catalog::Change>& changes) {
  const check::FullNames names{host.owner(), host.project().settings.user_prefix, {}};
  std::vector<check::Judged> judged = check::judge_full(changes, names);
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    Finding& finding = judged[i].finding;
    const catalog::Difference& difference = changes[i].difference;
    // Extensions of the settings come before the first version and go with no downgrade.
    const std::vector<std::string>& extensions = host.project().settings.extensions;
    if (judged[i].kind == "extension" &&
        std::any_of(extensions.begin(), extensions.end(), [&](const std::string& name) {
          return std::find(judged[i].names.begin(), judged[i].names.end(), name) != judged[i].names.end();
        }))
      continue;
    finding.severity = is_column_order(difference) ? Severity::note : Severity::error;
    finding.rule = rule_of(way, difference);
    finding.version = version.number;
    finding.place = place_of(version, way);
    finding.fact = fmt::format("after {} {}{}{}", words(way), version.number,
                               finding.fact.empty() ? "" : ": ", finding.fact);
    if (difference.expected == nullptr) {
      finding.expected = "nothing";
      finding.found = check::known_by(*difference.found, names);
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

Finding of_publication(const Version& version, const run::Listener& publication) {
  Finding finding;
  finding.severity = Severity::note;
  finding.rule = "published-table-changes";
  finding.version = version.number;
  finding.object = "publication " + publication.name;
  finding.place = place_of(version, Way::up);
  finding.message = fmt::format("version {} changes {}: {}", version.number, join(publication.hears, ", "),
                                publication.message);
  return finding;
}

Finding not_tried(int broken, int newest) {
  Finding finding;
  finding.severity = Severity::note;
  finding.rule = "not-judged";
  finding.version = broken;
  finding.object = broken + 1 == newest ? fmt::format("version {}", newest)
                                        : fmt::format("versions {} to {}", broken + 1, newest);
  finding.found = fmt::format("not tried: version {} does not go up", broken);
  return finding;
}

}  // namespace dbtool::scratch
