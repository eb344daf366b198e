#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/interrupt.h"
#include "model/project.h"
#include "pg/connection.h"
#include "pg/server.h"
#include "pg/throwaway_directory.h"

namespace dbtool::scratch {

struct HostOptions {
  std::string url{};  ///< of a server on which databases may be made; empty: a private server
  int major = 0;      ///< of the private server, where there is a choice; 0: any
  /// The private server works as a real one does: with fsync, full pages in the log, autovacuum and the
  /// server's own defaults. Else it is as fast as can be.
  bool durable = false;
  std::vector<std::string> settings{};  ///< of the private server, "name=value", over all others
  InterruptCount interrupts{};          ///< one gives up the start of the private server; empty: nobody asks
};

/// Where throwaway databases are made for one project: a private server that ends with this object, or a
/// server that somebody names. Service users, and the role of the settings, are made as needed: by their own
/// names on a private server, with a random prefix on another, where a role of the settings that is there is
/// used. Everything that was made is dropped at the end.
class Host {
 public:
  /// Throws Error when there is no server, or no right to make databases and roles on it.
  Host(const Project& project, const HostOptions& options);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host();

  /// The project as it runs here: prefix and role as said above; no name and no protection.
  const Project& project() const { return project_; }
  /// Who owns what the project makes here.
  const std::string& owner() const { return owner_; }
  int server_version() const { return server_version_; }
  pg::Address address(const std::string& database) const;
  /// For other programs.
  std::string url(const std::string& database) const { return pg::connection_string(address(database)); }

  /// Makes a database, empty or a copy of another one, in which nobody may be connected. Returns its name.
  std::string create(const std::string& copy_of = {});
  /// Drops one, whoever is connected to it: at once on somebody else's server, on the private one before the
  /// next is made, for it goes as a whole at the end.
  void drop(const std::string& database);

 private:
  void start_private_server(const HostOptions& asked);
  void drop_now(const std::string& database);
  void make_users();
  bool exists(const std::string& role);
  void make_roles(std::vector<std::string> wanted);

  Project project_;
  std::optional<pg::ThrowawayDirectory> directory_;
  std::optional<pg::Server> server_;
  pg::Address address_;
  std::optional<pg::Connection> maintenance_;
  std::string owner_;
  int server_version_ = 0;
  std::string mark_;  ///< in the names of everything on a server of somebody else's
  int count_ = 0;
  std::vector<std::string> databases_;
  std::vector<std::string> left_;  ///< those to be dropped before the next is made
  std::vector<std::string> roles_;
};

}  // namespace dbtool::scratch
