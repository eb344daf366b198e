#include "test/support/database.h"

#include <cstdio>
#include <cstdlib>
#include <random>

#include "pg/quote.h"
#include "test/support/server.h"

namespace dbtool::test {

namespace {

std::string unique_name() {
  std::random_device random;
  std::string name = "t";
  for (int digit = 0; digit < 12; ++digit) name += "abcdefghijklmnop"[random() % 16];
  return name;
}

}  // namespace

Database::Database(const std::string& options, const std::string& server_url)
    : server_url_(server_url.empty() ? shared_server_url() : server_url), name_(unique_name()) {
  pg::Connection connection = pg::Connection::open({.url = server_url_});
  connection.exec("create role " + owner() + " login");
  connection.exec("create database " + name_ + " owner " + owner() + " template template0 " + options);
}

Database::~Database() {
  const char* keep = std::getenv("DBTOOL_TEST_KEEP");
  if (keep != nullptr && keep[0] == '1') {
    std::fprintf(stderr, "kept: psql '%s'\n", url().c_str());
    return;
  }
  try {
    pg::Connection connection = pg::Connection::open({.url = server_url_});
    connection.exec("drop database " + name_ + " with (force)");
    const pg::Result roles =
        connection.query("select rolname from pg_roles where starts_with(rolname, $1)", {{name_ + "_"}});
    for (int row = 0; row < roles.rows(); ++row) {
      connection.exec("drop role " + pg::quote_identifier(roles.text(row, 0)));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "database %s is left behind: %s\n", name_.c_str(), error.what());
  }
}

std::string Database::url(const std::string& user) const {
  return url_with(server_url_, name_, user);
}

std::string Database::create_role(const std::string& suffix, const std::string& attributes) {
  const std::string role = user_prefix() + "_" + suffix;
  exec("create role " + pg::quote_identifier(role) + " " + attributes);
  return role;
}

pg::Connection Database::connect(const std::string& user) const {
  return pg::Connection::open({.url = url(user)});
}

pg::Result Database::exec(const std::string& sql) const {
  return connect().exec(sql);
}

}  // namespace dbtool::test
