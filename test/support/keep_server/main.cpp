// keep_server DIRECTORY BIN: runs the server that test processes share, until nobody has used it for a while.
// It is the server's parent, so that the server ends when this ends, however that comes about.

#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <thread>

#include <unistd.h>

#include "pg/server.h"
#include "test/support/shared_server.h"

namespace {

namespace fs = std::filesystem;
using namespace dbtool;
using namespace std::chrono_literals;

constexpr auto look_interval = 500ms;
constexpr auto linger = 5s;
constexpr auto long_linger = 1h;

void make_template(const fs::path& directory, const pg::ServerBinaries& binaries) {
  if (fs::exists(directory / "template")) return;
  const fs::path half = directory / "template.new";
  fs::remove_all(half);
  pg::Server::start({.directory = half, .binaries = binaries}).stop();
  fs::rename(half, directory / "template");
}

pg::Server start(const fs::path& directory, const pg::ServerBinaries& binaries) {
  fs::remove_all(directory / "server");
  return pg::Server::start(
      {.directory = directory / "server",
       .binaries = binaries,
       .settings = {"autovacuum=off", "max_connections=200", "max_prepared_transactions=10"},
       .template_data = directory / "template" / "data"});
}

void announce(const fs::path& directory, const pg::Server& server) {
  std::ofstream(directory / "url.new") << ::getpid() << ' ' << server.url() << '\n';
  fs::rename(directory / "url.new", directory / "url");
}

void wait_until_unused(const fs::path& directory, test::FileLock& users) {
  for (auto unused = 0ms; unused < (fs::exists(directory / "keep") ? long_linger : linger);
       unused += look_interval) {
    std::this_thread::sleep_for(look_interval);
    if (!users.try_lock()) {
      unused = 0ms;
    } else {
      users.unlock();
    }
  }
}

int keep(const fs::path& directory, const fs::path& bin) {
  test::FileLock alone(directory / "keeper");
  alone.lock(test::FileLock::Mode::exclusive);
  const pg::ServerBinaries binaries = pg::server_binaries_in(bin);
  make_template(directory, binaries);
  pg::Server server = start(directory, binaries);
  announce(directory, server);
  test::FileLock users(directory / "users");
  do {
    wait_until_unused(directory, users);
  } while (!users.try_lock());
  // Newcomers wait for the lock, and then find no keeper.
  server.stop(pg::Server::StopMode::immediate);
  for (const char* left : {"server", "url", "keep"}) fs::remove_all(directory / left);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    return keep(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
