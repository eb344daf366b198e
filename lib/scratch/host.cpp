#include "scratch/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include "base/error.h"
#include "pg/local.h"
#include "pg/quote.h"
#include "pg/template_cache.h"

namespace dbtool::scratch {
namespace {

/// Letters alone: a user prefix may hold nothing else but underscores.
std::string random_word() {
  std::random_device device;
  std::uniform_int_distribution<int> letter('a', 'z');
  std::string word;
  for (int i = 0; i < 8; ++i) word += static_cast<char>(letter(device));
  return word;
}

}  // namespace

Host::Host(const Project& project, const HostOptions& options) : project_(project) {
  project_.settings.name.clear();
  project_.settings.is_protected = false;
  if (options.url.empty()) {
    start_private_server(options);
  } else {
    mark_ = "dbtool_scratch_" + random_word();
    address_.url = options.url;
    if (!project_.settings.user_prefix.empty()) project_.settings.user_prefix = mark_;
  }
  maintenance_ = pg::Connection::open(address_);
  server_version_ = maintenance_->server_version();
  make_users();
  owner_ = project_.settings.role.empty() ? maintenance_->user() : project_.settings.role;
}

void Host::start_private_server(const HostOptions& asked) {
  mark_ = "scratch";
  pg::ServerOptions options;
  options.binaries = pg::find_server_binaries(asked.major);
  options.directory = directory_.emplace(asked.durable ? pg::Medium::disk : pg::Medium::memory).path();
  options.durable = asked.durable;
  options.settings = {"max_locks_per_transaction=1024"};
  if (asked.durable) {
    options.settings.emplace_back("shared_buffers=128MB");
  } else {
    // Nobody else is here: what happens by itself would only make two runs differ.
    options.settings.insert(options.settings.end(), {"autovacuum=off", "wal_init_zero=off"});
    options.settings.emplace_back(directory_->in_memory() ? "max_wal_size=256MB" : "max_wal_size=4GB");
  }
  options.settings.insert(options.settings.end(), asked.settings.begin(), asked.settings.end());
  pg::choose_locale(project_.settings.sort_order, options);
  options.template_cache = pg::user_cache();
  if (asked.interrupts) options.is_to_end = [interrupts = asked.interrupts] { return interrupts() > 0; };
  server_ = pg::Server::start(options);
  address_.url = server_->url();
  address_.is_own_server = true;
}

void Host::make_users() {
  std::vector<std::string> wanted;
  for (std::string& user : every_service_user(project_)) wanted.push_back(std::move(user));
  std::string& role = project_.settings.role;
  if (!role.empty() && !server_ && !exists(role)) {
    // Nothing may stay under a name that means something on somebody else's server.
    role = mark_ + "_owner";
    make_roles({role});
    // Who may make roles need not be a member of them.
    maintenance_->exec("grant " + pg::quote_identifier(role) + " to current_user");
  } else if (!role.empty()) {
    wanted.push_back(role);
  }
  make_roles(wanted);
}

bool Host::exists(const std::string& role) {
  return maintenance_->query("select from pg_roles where rolname = $1", {role}).rows() > 0;
}

void Host::make_roles(std::vector<std::string> wanted) {
  if (!server_) {
    std::erase_if(wanted, [&](const std::string& role) { return exists(role); });
    roles_.insert(roles_.end(), wanted.begin(), wanted.end());
  }
  pg::ensure_roles(*maintenance_, wanted);
}

pg::Address Host::address(const std::string& database) const {
  pg::Address address = address_;
  address.database = database;
  return address;
}

std::string Host::create(const std::string& copy_of) {
  for (const std::string& database : std::exchange(left_, {})) {
    try {
      drop_now(database);
    } catch (const pg::PgError&) {
      // A slot or a prepared transaction may hold it; it goes with the server.
    }
  }
  std::string name = fmt::format("{}_{}", mark_, ++count_);
  std::string sql = "create database " + pg::quote_identifier(name);
  // template0 holds nothing that somebody has put into template1.
  sql += " template " + (copy_of.empty() ? std::string("template0") : pg::quote_identifier(copy_of));
  if (server_version_ >= 150000 && server_) sql += " strategy file_copy";
  if (owner_ != maintenance_->user()) sql += " owner " + pg::quote_identifier(owner_);
  maintenance_->exec(sql);
  databases_.push_back(name);
  return name;
}

void Host::drop(const std::string& database) {
  if (!server_) return drop_now(database);
  left_.push_back(database);
}

void Host::drop_now(const std::string& database) {
  maintenance_->exec("drop database if exists " + pg::quote_identifier(database) + " with (force)");
  std::erase(databases_, database);
}

Host::~Host() {
  maintenance_.reset();
  if (server_) return;  // it goes as a whole
  // A connection that was idle for long may be gone. What cannot be dropped bears a name that tells what it
  // is.
  try {
    pg::Connection connection = pg::Connection::open(address_);
    const auto drop = [&](const std::string& kind, const std::string& name, const char* how) {
      try {
        connection.exec("drop " + kind + " if exists " + pg::quote_identifier(name) + how);
      } catch (const pg::PgError&) {
        // The rest is dropped all the same.
      }
    };
    for (const std::string& database : databases_) drop("database", database, " with (force)");
    for (const std::string& role : roles_) drop("role", role, "");
  } catch (const std::exception&) {
    // The server is gone.
  }
}

}  // namespace dbtool::scratch
