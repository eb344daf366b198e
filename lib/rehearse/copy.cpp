#include "rehearse/copy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <random>
#include <vector>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "pg/error.h"
#include "pg/quote.h"

namespace dbtool::rehearse {

namespace {

constexpr const char* name_start = "dbtool_rehearsal_";
// Two rehearsals take turns between making a clone and being connected to it: until then it looks left
// behind.
constexpr const char* turn = "select pg_advisory_lock(hashtext('dbtool rehearse --clone'))";

std::vector<std::string> connected_services(pg::Connection& connection, const Project& project,
                                            const std::string& database) {
  std::vector<std::string> found;
  const pg::Result rows = connection.query(
      R"(select usename, coalesce(application_name, ''), count(*) from pg_stat_activity
          where datname = $1 and usename = any ($2::text[]) group by 1, 2 order by 1, 2)",
      {database, pg::array_literal(every_service_user(project))});
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string application(rows.text(row, 1));
    found.push_back(fmt::format("{} ({} session{}{})", rows.text(row, 0), rows.text(row, 2),
                                rows.integer(row, 2) == 1 ? "" : "s",
                                application.empty() ? "" : ", application " + application));
  }
  return found;
}

/// A setting's name may have a part before a dot, an extension's.
std::string quoted_setting(const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return pg::quote_identifier(name);
  return pg::quote_identifier(name.substr(0, dot)) + "." + pg::quote_identifier(name.substr(dot + 1));
}

std::string random_letters() {
  std::random_device device;
  std::uniform_int_distribution<int> letter('a', 'z');
  std::string word;
  for (int at = 0; at < 8; ++at) word += static_cast<char>(letter(device));
  return word;
}

/// Of killed rehearsals: nobody is connected to them, and who could be waits for his turn.
void drop_left_behind(pg::Connection& connection, const Observer& observer) {
  const pg::Result rows = connection.query(
      R"(select d.datname from pg_database d
          where d.datname ~ ('^' || $1) and shobj_description(d.oid, 'pg_database') ~ ('^' || $2)
            and pg_has_role(d.datdba, 'member')
            and not exists (select from pg_stat_activity a where a.datid = d.oid))",
      {std::string(name_start), std::string(copy_mark)});
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string name(rows.text(row, 0));
    observer(Message{Message::Level::note,
                     fmt::format("a killed rehearsal left database {} behind: dropped", name)});
    connection.exec("drop database if exists " + pg::quote_identifier(name));
  }
}

std::string who_is_connected(pg::Connection& connection, const std::string& database) {
  const pg::Result rows = connection.query(
      R"(select coalesce(usename, backend_type, '?'), coalesce(application_name, ''), pid from pg_stat_activity
          where datname = $1 and pid <> pg_backend_pid() order by pid limit 10)",
      {database});
  std::vector<std::string> found;
  for (int row = 0; row < rows.rows(); ++row) {
    found.push_back(fmt::format("pid {} ({}{}{})", rows.text(row, 2), rows.text(row, 0),
                                rows.text(row, 1).empty() ? "" : ", ", rows.text(row, 1)));
  }
  return join(found, ", ");
}

pg::Connection open_beside(pg::Address address, const std::string& source) {
  for (const char* name : {"postgres", "template1"}) {
    if (name == source) continue;
    address.database = name;
    try {
      return pg::Connection::open(address);
    } catch (const pg::PgError&) {
      if (std::string(name) == "template1") throw;
    }
  }
  throw Error(ExitCode::failed, fmt::format("{} cannot be copied: it is the server's own database", source));
}

}  // namespace

void refuse_unless_copy(pg::Connection& connection, const Project& project) {
  const std::string database = connection.database();
  const bool marked = connection
                          .query(R"(select datname ~* '(^|[^a-z])(copy|clone|rehearsal)([^a-z]|$)'
                                       or coalesce(shobj_description(oid, 'pg_database'), '') ~ ('^' || $1)
                                      from pg_database where datname = current_database())",
                                 {std::string(copy_mark)})
                          .boolean(0, 0);
  if (!marked) {
    throw Error(
        ExitCode::failed,
        fmt::format("database {} is not marked as a copy, and a rehearsal changes all that the versions "
                    "change",
                    database),
        fmt::format("if it is one: comment on database {} is '{}'; or say so with --force",
                    pg::quote_identifier(database), copy_mark));
  }
  const std::vector<std::string> services = connected_services(connection, project, database);
  if (services.empty()) return;
  throw Error(ExitCode::failed,
              fmt::format("services are connected to database {}:\n  {}", database, join(services, "\n  ")),
              "is this the copy? Stop them, or go on all the same: --force");
}

Clone::Clone(const pg::Address& source, const Project& project, bool force, const Observer& observer,
             const InterruptCount& interrupts)
    : maintenance_(source), name_(name_start + random_letters()) {
  std::string database;
  {
    const pg::Connection connection = pg::Connection::open(source);
    database = connection.database();
  }
  pg::Connection maintenance = open_beside(source, database);
  maintenance_.database = maintenance.database();
  if (!force) {
    const std::vector<std::string> services = connected_services(maintenance, project, database);
    if (!services.empty()) {
      throw Error(ExitCode::failed,
                  fmt::format("services are connected to {}, and would feel it being copied:\n  {}", database,
                              join(services, "\n  ")),
                  "rehearse on a database restored from a backup (--on URL), or stop them first");
    }
  }
  maintenance.on_wait([&] {
    if (interrupts && interrupts() > 0) throw Error(ExitCode::stopped, "stopped; nothing was copied");
  });
  maintenance.exec(turn);
  drop_left_behind(maintenance, observer);
  try {
    make(maintenance, database);
    keeper_ = pg::Connection::open(address());
  } catch (...) {
    drop();
    throw;
  }
}

void Clone::make(pg::Connection& maintenance, const std::string& source) {
  const std::string name = pg::quote_identifier(name_);
  try {
    made_ = true;
    // Copying files writes no log that replicas would have to bear.
    maintenance.exec(fmt::format("create database {} template {}{}", name, pg::quote_identifier(source),
                                 maintenance.server_version() >= 150000 ? " strategy file_copy" : ""));
  } catch (const pg::PgError& error) {
    made_ = false;
    if (error.is("55006")) {
      throw Error(ExitCode::failed,
                  fmt::format("{} cannot be copied while anybody is connected to it: {}", source,
                              who_is_connected(maintenance, source)),
                  "let them end, or rehearse on a database restored from a backup: --on URL");
    }
    if (error.is_permission_denied()) {
      throw Error(ExitCode::failed, fmt::format("{} cannot be copied: {}", source, error.what()),
                  "it takes a superuser, or its owner with the right to make databases (createdb)");
    }
    throw;
  }
  maintenance.exec(fmt::format("comment on database {} is {}", name,
                               pg::quote_literal(fmt::format("{} of {}, by dbtool rehearse (pid {} on {})",
                                                             copy_mark, source, getpid(), host_name()))));
  // What `alter database … set` says of the source holds for runs on it, and does not come with its files.
  const pg::Result settings = maintenance.query(
      R"(select split_part(s, '=', 1), substr(s, strpos(s, '=') + 1)
           from pg_db_role_setting r join pg_database d on d.oid = r.setdatabase, unnest(r.setconfig) s
          where d.datname = $1 and r.setrole = 0)",
      {source});
  for (int row = 0; row < settings.rows(); ++row) {
    const std::string setting(settings.text(row, 0));
    maintenance.query("select set_config($1, $2, false)", {setting, std::string(settings.text(row, 1))});
    maintenance.exec(fmt::format("alter database {} set {} from current", name, quoted_setting(setting)));
  }
}

pg::Address Clone::address() const {
  pg::Address address = maintenance_;
  address.database = name_;
  return address;
}

void Clone::drop() noexcept {
  keeper_.reset();
  if (!made_) return;
  try {
    pg::Connection connection = pg::Connection::open(maintenance_);
    connection.exec("drop database if exists " + pg::quote_identifier(name_) + " with (force)");
  } catch (...) {
    // The next rehearsal finds it by its name and its comment.
  }
}

Clone::~Clone() {
  drop();
}

}  // namespace dbtool::rehearse
