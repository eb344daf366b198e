#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.h"
#include "pg/server.h"

namespace dbtool::pg {

/// The embedded server of a project, for `--local`: kept in `.dbtool/` of the project, durable, outlives
/// dbtool.
struct LocalOptions {
  std::filesystem::path project{};
  std::string sort_order{};  ///< e.g. "0 < a < A < b < B", for a server that is still to be made; "": C.UTF-8
  bool durable = true;       ///< false: for tests, which then wait less for the disk
  int major = 0;             ///< of a server that is still to be made; 0: any
};

struct LocalServer {
  Server server;
  bool created = false;   ///< by this call
  std::string url;        ///< database `dbtool` as its owner, role `dbtool`, who is no superuser
  std::string admin_url;  ///< the same database as superuser
};

/// Makes the server and its database on first use, starts it when it does not run, finds it when it does. Two
/// at once wait for each other.
LocalServer start_local(const LocalOptions& options);

/// The server when it runs; nullopt when it does not, or was never made.
std::optional<LocalServer> find_local(const std::filesystem::path& project);

/// False when none ran.
bool stop_local(const std::filesystem::path& project);

/// Stops it and deletes its data. False when there was none.
bool destroy_local(const std::filesystem::path& project);

/// Sets the locale of a server that is to be made for an order of sorting as people write it, e.g.
/// "0 < a < A < b < B"; "": C.UTF-8.
void choose_locale(const std::string& sort_order, ServerOptions& options);

/// The command that opens psql on a URL; throws Error that names the package when psql is missing.
std::vector<std::string> psql_command(const std::string& url);

/// Makes the roles that do not exist, able to log in, without a password.
void ensure_roles(Connection& connection, const std::vector<std::string>& names);

}  // namespace dbtool::pg
