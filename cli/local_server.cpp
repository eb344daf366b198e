#include "cli/local_server.h"

#include <set>

namespace dbtool::cli {

namespace {

std::vector<std::string> service_users(const Project& project) {
  std::set<std::string> users;
  if (project.settings.user_prefix.empty()) return {};
  for (const ServiceAccess& service : project.access)
    users.insert(service_user(project.settings.user_prefix, service.service));
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
  if (const auto users = service_users(project); !users.empty()) {
    pg::Address admin;
    admin.url = local.admin_url;
    pg::Connection connection = pg::Connection::open(admin);
    pg::ensure_roles(connection, users);
  }
  return local;
}

}  // namespace dbtool::cli
