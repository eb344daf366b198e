#pragma once

#include <string>

#include "pg/connection.h"

namespace dbtool::test {

/// A fresh, empty database on the shared server, dropped at the end with the roles that bear its name.
/// With DBTOOL_TEST_KEEP=1 it stays, and its URL is printed.
class Database {
 public:
  /// `options` go into `create database`, e.g. "encoding 'LATIN1' locale 'C'"; `server_url` names another
  /// server.
  explicit Database(const std::string& options = {}, const std::string& server_url = {});
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  const std::string& name() const { return name_; }
  /// As superuser, or as that user.
  std::string url(const std::string& user = "postgres") const;
  /// The database's owner, who is no superuser and may not make roles.
  std::string owner() const { return name_ + "_owner"; }
  std::string owner_url() const { return url(owner()); }
  /// Prefix of service users: roles are common to a whole server, so each database has its own.
  std::string user_prefix() const { return name_; }
  /// Makes the role `<user_prefix>_<suffix>` with such attributes; gives its name.
  std::string create_role(const std::string& suffix, const std::string& attributes = "login");

  pg::Connection connect(const std::string& user = "postgres") const;
  /// Runs SQL as superuser on a connection of its own.
  pg::Result exec(const std::string& sql) const;

 private:
  std::string server_url_;
  std::string name_;
};

}  // namespace dbtool::test
