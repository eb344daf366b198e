#include "docs/reference.h"

#include <algorithm>
#include <set>
#include <utility>

#include "docs/parts.h"

namespace dbtool::docs {

const TableEntry* Reference::table(const std::string& table_name) const {
  const auto found = std::lower_bound(
      tables.begin(), tables.end(), table_name,
      [](const TableEntry& entry, const std::string& wanted) { return entry.name < wanted; });
  return found == tables.end() || found->name != table_name ? nullptr : &*found;
}

const FunctionEntry* Reference::function(const std::string& function_name) const {
  const auto found = std::find_if(functions.begin(), functions.end(),
                                  [&](const FunctionEntry& entry) { return entry.name == function_name; });
  return found == functions.end() ? nullptr : &*found;
}

std::vector<const FunctionEntry*> Reference::functions_of(const std::string& service) const {
  std::vector<const FunctionEntry*> found;
  for (const FunctionEntry& entry : functions)
    if (entry.service == service) found.push_back(&entry);
  return found;
}

std::vector<ForeignKey> Reference::foreign_keys() const {
  std::vector<ForeignKey> keys;
  for (const TableEntry& entry : tables)
    keys.insert(keys.end(), entry.foreign_keys.begin(), entry.foreign_keys.end());
  return keys;
}

Reference read_reference(const Project& project) {
  const History history = read_history(project);
  Reference reference;
  reference.name = project.settings.name;
  reference.newest = project.newest();
  reference.release_support = project.settings.release_support;
  reference.tables = read_tables(project, history);
  reference.functions = read_functions(project, history);
  reference.versions = read_versions(project, history);
  reference.releases = read_releases(project);
  std::set<std::string> services;
  bool without_service = false;
  for (const FunctionEntry& entry : reference.functions) {
    if (entry.service.empty())
      without_service = true;
    else
      services.insert(entry.service);
  }
  for (const ServiceAccess& service : project.access) services.insert(service.service);
  reference.services.assign(services.begin(), services.end());
  if (without_service) reference.services.emplace_back();
  return reference;
}

}  // namespace dbtool::docs
