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
  if (pending.kind == status::PendingKind::online || !version.migration_script)
    return status::to_text(pending.kind);
  if (!version.transactional) return "statements";
  if (!sizes_known && (history.works_on_old || history.not_parsed > 0)) return "script";
  return status::to_text(pending.kind);
}

std::string estimate_text(const std::optional<status::Estimate>& estimate) {
  if (!estimate || estimate->high <= 1) return "";
  return seconds_text(estimate->low) + " – " + seconds_text(estimate->high);
}

void add_methods(VersionPage& page, const Version& version, std::map<std::string, bool>& deprecated) {
  for (const Method& method : version.methods) {
    const auto [known, is_new] = deprecated.try_emplace(method.name, false);
    if (method.body) (is_new ? page.defined : page.redefined).push_back(method.name);
    if (method.deprecated && !known->second) page.deprecated.push_back(method.name);
    known->second = method.deprecated;
  }
}

}  // namespace

std::vector<VersionPage> read_versions(const Project& project, const History& history) {
  std::map<std::string, std::int64_t> rows;
  for (const TableSize& size : project.sizes) rows[size.table] = size.rows;
  const std::vector<status::Pending> pending = status::list_pending(project, 1, rows, {});
  std::map<std::string, bool> deprecated;
  std::vector<VersionPage> pages;
  for (const Version& version : project.versions) {
    const auto index = static_cast<std::size_t>(version.number - 1);
    const VersionHistory& told = history.versions.at(index);
    VersionPage page;
    page.number = version.number;
    page.file = version.place.file;
    page.description = version.description;
    page.kind = kind_of(version, pending.at(index), told, !project.sizes.empty());
    page.estimate = estimate_text(pending.at(index).estimate);
    page.loses = version.loses;
    page.changes = told.changes;
    page.not_parsed = told.not_parsed;
    add_methods(page, version, deprecated);
    for (const Release& release : project.releases) {
      if (release.version < version.number) continue;
      page.release = release.name;
      break;
    }
    pages.push_back(std::move(page));
  }
  return pages;
}

std::vector<ReleasePage> read_releases(const Project& project) {
  std::vector<ReleasePage> pages;
  for (const Release& release : project.releases) {
    ReleasePage page{release.name, release.version, 0, false};
    for (int version = std::max(release.version, 1); version <= project.newest(); ++version) {
      for (const Release& running : releases_on(project.releases, version, project.settings.release_support))
        if (running.name == release.name) page.last = version;
    }
    page.open = page.last == project.newest();
    pages.push_back(std::move(page));
  }
  return pages;
}

}  // namespace dbtool::docs
