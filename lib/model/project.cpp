#include "model/project.h"

#include <set>

#include <algorithm>

namespace dbtool {

std::string service_user(const std::string& user_prefix, const std::string& service) {
  std::string user = user_prefix + "_" + service;
  std::replace(user.begin(), user.end(), '-', '_');
  return user;
}

std::vector<std::string> service_users(const Project& project) {
  std::vector<std::string> users;
  if (project.settings.user_prefix.empty()) return users;
  for (const ServiceAccess& service : project.access)
    users.push_back(service_user(project.settings.user_prefix, service.service));
  return users;
}

std::vector<std::string> every_service_user(const Project& project) {
  if (project.settings.user_prefix.empty()) return {};
  const std::vector<std::string> with_access = service_users(project);
  std::set<std::string> users(with_access.begin(), with_access.end());
  for (const Version& version : project.versions) {
    for (const Method& method : version.methods) {
      if (!method.service_name.empty())
        users.insert(service_user(project.settings.user_prefix, method.service_name));
    }
  }
  return {users.begin(), users.end()};
}

void index_methods(Project& project) {
  project.method_index.clear();
  for (const Version& version : project.versions) {
    for (std::size_t i = 0; i < version.methods.size(); ++i) {
      project.method_index[version.methods[i].name].push_back({version.number, i});
    }
  }
}

MethodState method_state(const Project& project, const std::string& name, int at) {
  MethodState state;
  bool newest_seen = false;
  // True when the definition is found and the walk can end.
  const auto take = [&](const Method& method, int number) {
    if (!newest_seen) state.deprecated = method.deprecated;
    newest_seen = true;
    if (!method.body) return false;
    state.definition = &method;
    state.defined_in = number;
    return true;
  };
  if (!project.method_index.empty()) {
    const auto found = project.method_index.find(name);
    if (found == project.method_index.end()) return state;
    for (auto entry = found->second.rbegin(); entry != found->second.rend(); ++entry) {
      if (entry->version > at) continue;
      if (take(project.version(entry->version).methods[entry->index], entry->version)) break;
    }
    return state;
  }
  for (int number = std::min(at, project.newest()); number >= 1; --number) {
    for (const Method& method : project.version(number).methods) {
      if (method.name == name && take(method, number)) return state;
    }
  }
  return state;
}

}  // namespace dbtool
