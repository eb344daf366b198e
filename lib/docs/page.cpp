#include "docs/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dbtool::docs {

namespace {

std::string rows_text(std::int64_t rows) {
  if (rows >= 1'000'000) return fmt::format("{:.3g} million rows", static_cast<double>(rows) / 1e6);
  return count(static_cast<std::size_t>(std::max<std::int64_t>(rows, 0)), "row");
}

std::string bytes_text(std::int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000) return fmt::format("{:.3g} GB", value / 1e9);
  if (bytes >= 1'000'000) return fmt::format("{:.3g} MB", value / 1e6);
  return fmt::format("{} kB", std::max<std::int64_t>(1, bytes / 1000));
}

}  // namespace

std::string shown_service(const std::string& service) {
  return service.empty() ? "no service" : service;
}

std::string shown_name(const Reference& reference) {
  return reference.name.empty() ? "Database" : reference.name;
}

Phrase deprecation(const FunctionEntry& function, const Reference& reference) {
  if (function.deprecated_in == 0) return {};
  Phrase phrase{plain(fmt::format("Deprecated since version {}.", function.deprecated_in))};
  if (reference.releases.empty()) return phrase;
  if (function.last_caller.empty()) {
    phrase.push_back(plain(" No release in releases.yml was made while it was not."));
    return phrase;
  }
  phrase.push_back(plain(" Services up to release "));
  phrase.push_back(code(function.last_caller));
  phrase.push_back(plain(" may call it"));
  phrase.push_back(plain(function.works_until
                             ? fmt::format(", and may run until major release {}: it must go on working "
                                           "until then.",
                                           *function.works_until)
                             : "."));
  return phrase;
}

Phrase version_summary(const VersionEntry& version) {
  Phrase phrase{plain(version.kind)};
  if (!version.estimate.empty())
    phrase.push_back(plain(", an estimated " + version.estimate + " with the sizes of schema/sizes.yml"));
  if (version.release.empty()) {
    phrase.push_back(plain("; no release needs it yet"));
  } else {
    phrase.push_back(plain("; first needed by release "));
    phrase.push_back(code(version.release));
  }
  return phrase;
}

std::string database_versions(const ReleaseEntry& release) {
  if (release.last == 0) return "none of these";
  if (release.open) return fmt::format("{} and later", release.version);
  return release.version == release.last ? fmt::format("{}", release.version)
                                         : fmt::format("{} – {}", release.version, release.last);
}

std::string size_text(const TableSize& size) {
  std::string text = "about " + rows_text(size.rows);
  if (size.bytes > 0) text += ", " + bytes_text(size.bytes);
  return text + " (schema/sizes.yml)";
}

std::vector<ChangesOfTable> by_table(const std::vector<Change>& changes) {
  std::vector<ChangesOfTable> groups;
  for (const Change& change : changes) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const ChangesOfTable& one) { return one.table == change.table; });
    if (group == groups.end())
      group = groups.insert(groups.end(), ChangesOfTable{change.table, false, false, {}});
    if (change.kind == ChangeKind::table_made) group->made = true;
    if (change.kind == ChangeKind::table_dropped) group->dropped = true;
    if (!change.what.empty()) group->details.push_back(change.what);
  }
  // What belongs to no table comes last.
  std::stable_partition(groups.begin(), groups.end(),
                        [](const ChangesOfTable& one) { return !one.table.empty(); });
  return groups;
}

}  // namespace dbtool::docs
