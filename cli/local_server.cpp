#include "cli/local_server.h"

namespace dbtool::cli {

pg::LocalServer start_local_server(Context& context) {
  const Project& project = context.project();
  pg::LocalOptions options;
  options.project = context.directory();
  options.sort_order = project.settings.sort_order;
  pg::LocalServer local = pg::start_local(options);
  if (local.created)
    context.note("made a private PostgreSQL server in " + (options.project / ".dbtool").string());
  if (const auto users = every_service_user(project); !users.empty()) {
    pg::Address admin;
    admin.url = local.admin_url;
    pg::Connection connection = pg::Connection::open(admin);
    pg::ensure_roles(connection, users);
  }
  return local;
}

}  // namespace dbtool::cli
