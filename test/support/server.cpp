#include "test/support/server.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include <sys/wait.h>

#include "base/file.h"
#include "base/process.h"
#include "test/support/shared_server.h"

namespace dbtool::test {

namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct Announcement {
  pid_t keeper = 0;
  std::string url;
};

Announcement read_announcement(const fs::path& directory) {
  Announcement announcement;
  std::ifstream(directory / "url") >> announcement.keeper >> announcement.url;
  return announcement;
}

/// Starts a keeper and waits until it says that the server is ready.
void start_keeper(const fs::path& directory, const pg::ServerBinaries& binaries) {
  ProcessOptions options;
  options.log = directory / "keeper.log";
  const pid_t keeper =
      start_process({DBTOOL_KEEP_SERVER, directory.string(), binaries.directory.string()}, options);
  while (read_announcement(directory).keeper != keeper) {
    if (::waitpid(keeper, nullptr, WNOHANG) == keeper) {
      throw std::runtime_error("the tests' server did not start:\n" + read_file(directory / "keeper.log"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

/// Takes part in the use of the shared server for the rest of this process; gives the URL of its database
/// "postgres".
std::string join_shared_server() {
  const pg::ServerBinaries binaries = server_binaries();
  const fs::path directory = shared_directory(binaries.major);
  fs::create_directories(directory);
  if (environment("DBTOOL_TEST_KEEP") == "1") std::ofstream(directory / "keep").put('\n');
  // Never given back: it ends with the process.
  static FileLock users(directory / "users");
  users.lock(FileLock::Mode::shared);
  FileLock start(directory / "start");
  start.lock(FileLock::Mode::exclusive);
  FileLock keeper(directory / "keeper");
  if (keeper.try_lock()) {
    keeper.unlock();
    start_keeper(directory, binaries);
  }
  return read_announcement(directory).url;
}

}  // namespace

pg::ServerBinaries server_binaries() {
  static const pg::ServerBinaries binaries = [] {
    if (const std::string directory = environment("PGBIN"); !directory.empty()) {
      return pg::server_binaries_in(directory);
    }
    const std::string major = environment("DBTOOL_TEST_PG");
    if (major.empty()) return pg::find_server_binaries();
    const ProcessOutcome fetched = run_process({DBTOOL_SOURCE_DIRECTORY "/scripts/get-postgres", major});
    if (!fetched.succeeded())
      throw std::runtime_error("scripts/get-postgres " + major + ":\n" + fetched.errors);
    return pg::server_binaries_in(fetched.output.substr(0, fetched.output.find('\n')));
  }();
  return binaries;
}

std::string shared_server_url(const std::string& database, const std::string& user) {
  static const std::string url = join_shared_server();
  return url_with(url, database, user);
}

std::string url_with(const std::string& url, const std::string& database, const std::string& user) {
  const std::size_t parameters = url.find('?');
  const std::size_t name = url.find('/', url.find("//") + 2) + 1;
  const std::size_t user_at = url.find("user=", parameters) + 5;
  return url.substr(0, name) + database + url.substr(parameters, user_at - parameters) + user;
}

fs::path template_data() {
  shared_server_url();
  return shared_directory(server_binaries().major) / "template" / "data";
}

OwnServer::OwnServer(pg::ServerOptions options) {
  options.directory = directory_.path() / "server";
  if (options.binaries.major == 0) options.binaries = server_binaries();
  if (options.locale.empty() && options.template_data.empty()) options.template_data = template_data();
  server_ = pg::Server::start(options);
}

}  // namespace dbtool::test
