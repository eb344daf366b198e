#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pg/server.h"
#include "pg/throwaway_directory.h"

namespace dbtool::test {

/// Server programs that the tests run on: $PGBIN, or the major version in $DBTOOL_TEST_PG (fetched by
/// scripts/get-postgres where this machine has none), or any that are here.
pg::ServerBinaries server_binaries();

/// URL of a database on the server that all test processes of this build share, as superuser. It is started
/// by the first that asks, and ends a few seconds after the last process that asked (an hour after, with
/// DBTOOL_TEST_KEEP=1). Autovacuum is off there, so that its locks and statistics come into no test by
/// chance.
std::string shared_server_url(const std::string& database = "postgres", const std::string& user = "postgres");

/// URL of another database and user on the server of `url`, which must be of the form that pg::Server::url
/// gives.
std::string url_with(const std::string& url, const std::string& database, const std::string& user);

/// An initialised data directory of a stopped server, for tests that need a server of their own: as
/// ServerOptions::template_data it saves most of the time that a start takes.
std::filesystem::path template_data();

/// A server of the test's own, with such options over the usual ones; its directory is removed at the end.
class OwnServer {
 public:
  explicit OwnServer(pg::ServerOptions options = {});
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;
  pg::Server& operator*() { return *server_; }
  pg::Server* operator->() { return &*server_; }

 private:
  pg::ThrowawayDirectory directory_;
  std::optional<pg::Server> server_;
};

}  // namespace dbtool::test
