#include "cli/local_server.h"

#include <set>

namespace dbtool::cli {

namespace {

/// Also of services that have functions and no table.
std::vector<std::string> all_users(const Project& project) {
  if (project.settings.user_prefix.empty()) return {};
  const std::vector<std::string> with_access = service_users(project);
  std::set<std::string> users(with_access.begin(), with_access.end());
  for (const Version& version : project.versions)
    for (const Method& method : version.methods)
      if (!method.service_name.empty())
        users.insert(service_user(project.settings.user_prefix, method.service_name));
  return {users.begin(), users.end()};
}

}  // namespace

pg::LocalServer start_local_server(Context& context) {
  const Project& project = context.project();
  pg::LocalOptions options;
  options.project = context.directory();
  options.sort_order = project.settings.sort_order;
  pg::LocalServer local = pg::start_local(options);
  if (local.created)
    context.note("made a private PostgreSQL server in " + (options.project / ".dbtool").string());
  if (const auto users = all_users(project); !users.empty()) {
    pg::Address admin;
    admin.url = local.admin_url;
    pg::Connection connection = pg::Connection::open(admin);
    pg::ensure_roles(connection, users);
  }
  return local;
}

}  // namespace dbtool::cli
