#include <algorithm>
#include <map>
#include <tuple>

#include "docs/parts.h"
#include "model/release.h"

namespace dbtool::docs {

namespace {

/// Takes what an entry says; a later one may leave out what does not change.
void read_entry(FunctionEntry& entry, const Method& method, int version) {
  if (!method.service_name.empty()) entry.service = method.service_name;
  if (method.mode) entry.mode = method.mode;
  if (!method.description.empty()) entry.description = method.description;
  if (method.args) entry.args = method.args->text;
  if (method.returns) entry.returns = method.returns->text;
  if (!method.deprecated)
    entry.deprecated_in = 0;
  else if (entry.deprecated_in == 0)
    entry.deprecated_in = version;
  if (!method.body) return;
  entry.body = method.body->text;
  if (entry.since == 0)
    entry.since = version;
  else
    entry.redefined_in.push_back(version);
}

/// The newest release that was made while the function was there and not deprecated: its services may call it
/// for as long as they may run.
void read_callers(FunctionEntry& entry, const Project& project) {
  if (entry.deprecated_in == 0) return;
  for (const Release& release : project.releases) {
    if (release.version < entry.since || release.version >= entry.deprecated_in) continue;
    entry.last_caller = release.name;
    const auto major = major_number(release.name);
    entry.works_until = major ? std::optional<int>(*major + project.settings.release_support) : std::nullopt;
  }
}

std::vector<std::string> declared_only(const std::set<std::string>& names,
                                       const std::set<std::string>& declared) {
  std::vector<std::string> found;
  std::set_intersection(names.begin(), names.end(), declared.begin(), declared.end(),
                        std::back_inserter(found));
  return found;
}

}  // namespace

std::vector<FunctionEntry> read_functions(const Project& project, const History& history) {
  std::map<std::string, FunctionEntry> entries;
  for (const Version& version : project.versions) {
    for (const Method& method : version.methods) {
      FunctionEntry& entry = entries[method.name];
      entry.name = method.name;
      read_entry(entry, method, version.number);
    }
  }
  std::set<std::string> tables;
  for (const DeclaredTable& table : project.tables) tables.insert(table.name);
  std::vector<FunctionEntry> functions;
  for (auto& [name, entry] : entries) {
    read_callers(entry, project);
    if (auto arguments = sql::parse_arguments(entry.args)) entry.arguments = std::move(*arguments);
    if (const auto named = history.methods.find(name); named != history.methods.end()) {
      entry.writes = declared_only(named->second.writes, tables);
      std::set<std::string> reads = named->second.reads;
      for (const std::string& table : entry.writes) reads.erase(table);
      entry.reads = declared_only(reads, tables);
    }
    functions.push_back(std::move(entry));
  }
  std::sort(functions.begin(), functions.end(), [](const FunctionEntry& a, const FunctionEntry& b) {
    return std::tuple(a.service.empty(), std::tie(a.service, a.name)) <
           std::tuple(b.service.empty(), std::tie(b.service, b.name));
  });
  return functions;
}

}  // namespace dbtool::docs
