#include <algorithm>
#include <map>
#include <tuple>

#include "docs/parts.h"
#include "model/release.h"

namespace dbtool::docs {

namespace {

/// Takes what an entry says; a later one may leave out what does not change.
void read_entry(FunctionPage& page, const Method& method, int version) {
  if (!method.service_name.empty()) page.service = method.service_name;
  if (method.mode) page.mode = method.mode;
  if (!method.description.empty()) page.description = method.description;
  if (method.args) page.args = method.args->text;
  if (method.returns) page.returns = method.returns->text;
  if (!method.deprecated)
    page.deprecated_in = 0;
  else if (page.deprecated_in == 0)
    page.deprecated_in = version;
  if (!method.body) return;
  page.body = method.body->text;
  if (page.since == 0)
    page.since = version;
  else
    page.redefined_in.push_back(version);
}

/// The newest release that was made while the function was there and not deprecated: its services may call it
/// for as long as they may run.
void read_callers(FunctionPage& page, const Project& project) {
  if (page.deprecated_in == 0) return;
  for (const Release& release : project.releases) {
    if (release.version < page.since || release.version >= page.deprecated_in) continue;
    page.last_caller = release.name;
    const auto major = major_number(release.name);
    page.works_until = major ? std::optional<int>(*major + project.settings.release_support) : std::nullopt;
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

std::vector<FunctionPage> read_functions(const Project& project, const History& history) {
  std::map<std::string, FunctionPage> pages;
  for (const Version& version : project.versions) {
    for (const Method& method : version.methods) {
      FunctionPage& page = pages[method.name];
      page.name = method.name;
      read_entry(page, method, version.number);
    }
  }
  std::set<std::string> tables;
  for (const DeclaredTable& table : project.tables) tables.insert(table.name);
  std::vector<FunctionPage> functions;
  for (auto& [name, page] : pages) {
    read_callers(page, project);
    if (auto arguments = sql::parse_arguments(page.args)) page.arguments = std::move(*arguments);
    if (const auto named = history.methods.find(name); named != history.methods.end()) {
      page.writes = declared_only(named->second.writes, tables);
      std::set<std::string> reads = named->second.reads;
      for (const std::string& table : page.writes) reads.erase(table);
      page.reads = declared_only(reads, tables);
    }
    functions.push_back(std::move(page));
  }
  std::sort(functions.begin(), functions.end(), [](const FunctionPage& a, const FunctionPage& b) {
    return std::tuple(a.service.empty(), std::tie(a.service, a.name)) <
           std::tuple(b.service.empty(), std::tie(b.service, b.name));
  });
  return functions;
}

}  // namespace dbtool::docs
