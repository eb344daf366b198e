#include "pg/local.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "pg/quote.h"
#include "pg/server_user.h"

namespace dbtool::pg {

namespace {

namespace fs = std::filesystem;

constexpr const char* database_name = "dbtool";  // and its owner's

fs::path home(const fs::path& project) {
  return fs::absolute(project).lexically_normal() / ".dbtool";
}

/// `.dbtool/server`, or what that leads to.
fs::path server_directory(const fs::path& project) {
  const fs::path link = home(project) / "server";
  return fs::is_symlink(link) ? fs::read_symlink(link) : link;
}

/// One process at a time looks after the server of a project.
class ProjectLock {
 public:
  explicit ProjectLock(const fs::path& project) {
    const fs::path path = home(project) / "lock";
    fs::create_directories(path.parent_path());
    if (!fs::exists(home(project) / ".gitignore")) std::ofstream(home(project) / ".gitignore") << "*\n";
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int locked = -1;
    do {
      locked = descriptor_ < 0 ? -1 : ::flock(descriptor_, LOCK_EX);
    } while (locked < 0 && descriptor_ >= 0 && errno == EINTR);
    if (locked == 0) return;
    const int error = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    throw Error(ExitCode::failed, "cannot lock " + path.string() + ": " + std::strerror(error));
  }
  ProjectLock(const ProjectLock&) = delete;
  ProjectLock& operator=(const ProjectLock&) = delete;
  ~ProjectLock() { ::close(descriptor_); }

 private:
  int descriptor_ = -1;
};

/// Root's server runs as another user, who cannot enter a project in root's home: then the data live in
/// /var/lib, and
/// `.dbtool/server` leads there.
void choose_server_directory(const fs::path& project) {
  const fs::path wanted = home(project) / "server";
  if (fs::exists(fs::symlink_status(wanted)) || server_can_reach(wanted)) return;
  const fs::path elsewhere = fs::path("/var/lib/dbtool") / sha256_hex(wanted.string()).substr(0, 16);
  fs::create_directories(elsewhere);
  fs::create_directory_symlink(elsewhere, wanted);
}

int data_major(const fs::path& data) {
  int major = 0;
  std::ifstream(data / "PG_VERSION") >> major;
  return major;
}

void ensure_database(LocalServer& local) {
  Connection connection = Connection::open({.url = local.server.url()});
  ensure_roles(connection, {database_name});
  // So that it sees who blocks whom: there is nobody else's secret on a private server.
  if (!connection.query("select pg_has_role($1::name, 'pg_monitor', 'USAGE')", {{database_name}})
           .boolean(0, 0))
    connection.exec("grant pg_monitor to " + quote_identifier(database_name));
  // So that it can make a copy to rehearse on.
  if (!connection.query("select rolcreatedb from pg_roles where rolname = $1", {{database_name}})
           .boolean(0, 0))
    connection.exec("alter role " + quote_identifier(database_name) + " createdb");
  const Result found = connection.query("select from pg_database where datname = $1", {{database_name}});
  if (found.rows() > 0) return;
  const std::string name = quote_identifier(database_name);
  connection.exec("create database " + name + " owner " + name);
}

LocalServer describe(Server server) {
  std::string url = server.url(database_name, database_name);
  std::string admin_url = server.url(database_name);
  return {std::move(server), false, std::move(url), std::move(admin_url)};
}

}  // namespace

void choose_locale(const std::string& sort_order, ServerOptions& options) {
  std::vector<std::string> characters;
  for (std::size_t from = 0; from <= sort_order.size();) {
    const std::size_t end = std::min(sort_order.find('<', from), sort_order.size());
    characters.emplace_back(trim(std::string_view(sort_order).substr(from, end - from)));
    from = end + 1;
  }
  if (std::is_sorted(characters.begin(), characters.end())) return;  // by bytes: C.UTF-8
  const auto place = [&](const char* character) {
    return std::find(characters.begin(), characters.end(), character) - characters.begin();
  };
  options.locale_provider = "icu";
  options.locale = place("A") < place("a") ? "en-US-u-kf-upper" : "en-US";
}

LocalServer start_local(const LocalOptions& options) {
  if (auto running = find_local(options.project)) return std::move(*running);
  const ProjectLock lock(options.project);
  if (auto running = find_local(options.project)) return std::move(*running);
  choose_server_directory(options.project);
  ServerOptions server_options;
  server_options.directory = server_directory(options.project);
  server_options.die_with_parent = false;
  server_options.durable = options.durable;
  const int made = data_major(server_options.directory / "data");
  server_options.binaries = find_server_binaries(made != 0 ? made : options.major);
  choose_locale(options.sort_order, server_options);
  const bool running = Server::is_running_in(server_options.directory);
  LocalServer local =
      describe(running ? Server::attach(server_options.directory) : Server::start(server_options));
  local.created = made == 0;
  ensure_database(local);
  // Only now a second use may take it for ready.
  std::ofstream(home(options.project) / "ready") << local.server.pid() << '\n';
  return local;
}

std::optional<LocalServer> find_local(const fs::path& project) {
  const fs::path directory = server_directory(project);
  int ready = 0;
  std::ifstream(home(project) / "ready") >> ready;
  if (ready == 0 || !Server::is_running_in(directory)) return std::nullopt;
  Server server = Server::attach(directory);
  if (server.pid() != ready) return std::nullopt;
  return describe(std::move(server));
}

bool stop_local(const fs::path& project) {
  if (!fs::exists(home(project))) return false;
  const ProjectLock lock(project);
  fs::remove(home(project) / "ready");
  const fs::path directory = server_directory(project);
  if (!Server::is_running_in(directory)) return false;
  Server::attach(directory).stop(Server::StopMode::fast);
  return true;
}

bool destroy_local(const fs::path& project) {
  if (!fs::exists(home(project))) return false;
  stop_local(project);
  const ProjectLock lock(project);
  const fs::path directory = server_directory(project);
  const bool existed = fs::exists(directory / "data");
  fs::remove_all(directory);
  fs::remove(home(project) / "server");
  return existed;
}

std::vector<std::string> psql_command(const std::string& url) {
  // The server's own directory first: Debian's /usr/bin/psql is a slow wrapper, and may be of another
  // version.
  try {
    const fs::path psql = find_server_binaries().directory / "psql";
    if (fs::exists(psql)) return {psql.string(), url};
  } catch (const Error&) {
    // There are no server programs here; psql comes with the client.
  }
  if (const auto psql = find_program("psql")) return {psql->string(), url};
  throw Error(ExitCode::failed, "psql is not on this machine", "install the package postgresql-client");
}

void ensure_roles(Connection& connection, const std::vector<std::string>& names) {
  const Result missing = connection.query(
      R"(
        select distinct name
          from unnest($1::text[]) as name
         where not exists (select from pg_roles where rolname = name)
         order by name)",
      {array_literal(names)});
  std::vector<Statement> statements;
  for (int row = 0; row < missing.rows(); ++row) {
    statements.push_back({"create role " + quote_identifier(missing.text(row, 0)) + " login", {}});
  }
  connection.batch(statements);
}

}  // namespace dbtool::pg
