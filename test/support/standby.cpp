#include "test/support/standby.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "pg/connection.h"

namespace dbtool::test {

namespace {

namespace fs = std::filesystem;

/// Stops the primary and gives what a server needs that starts as its standby from a copy of its data.
pg::ServerOptions prepare(OwnServer& primary, const std::string& name, const std::string& slot,
                          std::vector<std::string> settings) {
  if (!slot.empty()) {
    pg::Connection::open({.url = primary->url()})
        .query("select pg_create_physical_replication_slot($1, true)", {slot});
  }
  pg::ServerOptions options;
  options.template_data = primary->data_directory();
  options.settings = std::move(settings);
  options.settings.push_back("primary_conninfo=host=" + primary->socket_directory().string() +
                             " port=5432 user=postgres application_name=" + name);
  options.settings.push_back("primary_slot_name=" + slot);
  // It starts before the primary is up again.
  options.settings.push_back("wal_retrieve_retry_interval=100ms");
  primary->stop(pg::Server::StopMode::fast);
  std::ofstream(primary->data_directory() / "standby.signal").flush();
  return options;
}

}  // namespace

Standby::Standby(OwnServer& primary, const std::string& name, const std::string& slot,
                 std::vector<std::string> settings)
    : server_(prepare(primary, name, slot, std::move(settings))) {
  fs::remove(primary->data_directory() / "standby.signal");
  primary->restart();
}

}  // namespace dbtool::test
