#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "base/duration.h"
#include "docs/parts.h"
#include "model/release.h"
#include "status/pending.h"

namespace dbtool::docs {

namespace {

std::string seconds_text(double seconds) {
  return to_text(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

/// How heavy a version is. Without schema/sizes.yml nobody knows how heavy a script is that handles tables
/// which were there before; with it, a table that it does not list is not large.
std::string kind_of(const Version& version, const status::Pending& pending, const VersionHistory& history,
                    bool sizes_known) {
  if (pending.weight == run::Weight::online || !version.migration_script) return run::to_text(pending.weight);
  if (!version.transactional) return "statements";
  if (!sizes_known && (history.works_on_old || history.not_parsed > 0)) return "script";
  return run::to_text(pending.weight);
}

std::string estimate_text(const window::Forecast& forecast) {
  if (forecast.trust == window::Trust::unknown || forecast.range.high <= 1) return "";
  return seconds_text(forecast.range.low) + " – " + seconds_text(forecast.range.high);
}

void add_methods(VersionEntry& entry, const Version& version, std::map<std::string, bool>& deprecated) {
  for (const Method& method : version.methods) {
    const auto [known, is_new] = deprecated.try_emplace(method.name, false);
    if (method.body) (is_new ? entry.defined : entry.redefined).push_back(method.name);
    if (method.deprecated && !known->second) entry.deprecated.push_back(method.name);
    known->second = method.deprecated;
  }
}

}  // namespace

std::vector<VersionEntry> read_versions(const Project& project, const History& history) {
  run::Knowledge knowledge;
  for (const TableSize& size : project.sizes) knowledge.table_rows[size.table] = size.rows;
  const std::vector<status::Pending> pending = status::list_pending(project, 1, knowledge);
  std::map<std::string, bool> deprecated;
  std::vector<VersionEntry> entries;
  for (const Version& version : project.versions) {
    const auto index = static_cast<std::size_t>(version.number - 1);
    const VersionHistory& told = history.versions.at(index);
    VersionEntry entry;
    entry.number = version.number;
    entry.file = version.place.file;
    entry.description = version.description;
    entry.kind = kind_of(version, pending.at(index), told, !project.sizes.empty());
    entry.estimate = estimate_text(pending.at(index).main());
    entry.loses = version.loses;
    entry.changes = told.changes;
    entry.not_parsed = told.not_parsed;
    add_methods(entry, version, deprecated);
    for (const Release& release : project.releases) {
      if (release.version < version.number) continue;
      entry.release = release.name;
      break;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<ReleaseEntry> read_releases(const Project& project) {
  std::vector<ReleaseEntry> entries;
  for (const Release& release : project.releases) {
    ReleaseEntry entry{release.name, release.version, 0, false};
    for (int version = std::max(release.version, 1); version <= project.newest(); ++version) {
      for (const Release& running : releases_on(project.releases, version, project.settings.release_support))
        if (running.name == release.name) entry.last = version;
    }
    entry.open = entry.last == project.newest();
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace dbtool::docs
