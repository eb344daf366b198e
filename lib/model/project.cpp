#include "model/project.h"

#include <algorithm>

namespace dbtool {

std::string service_user(const std::string& user_prefix, const std::string& service) {
  std::string user = user_prefix + "_" + service;
  std::replace(user.begin(), user.end(), '-', '_');
  return user;
}

MethodState method_state(const Project& project, const std::string& name, int at) {
  MethodState state;
  bool newest_seen = false;
  for (int number = std::min(at, project.newest()); number >= 1; --number) {
    for (const Method& method : project.version(number).methods) {
      if (method.name != name) continue;
      if (!newest_seen) state.deprecated = method.deprecated;
      newest_seen = true;
      if (method.body) {
        state.definition = &method;
        state.defined_in = number;
        return state;
      }
    }
  }
  return state;
}

}  // namespace dbtool
