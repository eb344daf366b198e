#include "pg/server.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "pg/connection.h"
#include "pg/throwaway_directory.h"
#include "test/support/catch.h"
#include "test/support/server.h"

using namespace dbtool;
namespace fs = std::filesystem;

namespace {

/// A directory for a server, removed at the end.
struct Directory {
  pg::ThrowawayDirectory directory;
  const fs::path& path = directory.path();
};

/// $TMPDIR, until the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& path) {
    if (const char* value = std::getenv("TMPDIR")) before_ = value;
    ::setenv("TMPDIR", path.c_str(), 1);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    if (before_)
      ::setenv("TMPDIR", before_->c_str(), 1);
    else
      ::unsetenv("TMPDIR");
  }

 private:
  std::optional<std::string> before_;
};

bool answers(const pg::Server& server) {
  return pg::Connection::open({.url = server.url()}).query("select 1").integer(0, 0) == 1;
}

}  // namespace

TEST_CASE("a server is stopped in every way and started again with what was committed", "[pg]") {
  test::OwnServer server;
  pg::Connection::open({.url = server->url()}).exec("create table t as select 1 as a");
  using Mode = pg::Server::StopMode;
  for (const Mode mode : {Mode::smart, Mode::fast, Mode::immediate}) {
    server->stop(mode);
    CHECK_FALSE(server->is_running());
    CHECK_THROWS_AS(pg::Connection::open({.url = server->url()}), pg::PgError);
    server->restart();
    CHECK(answers(*server));
  }
  ::kill(server->pid(), SIGKILL);
  server->restart();
  CHECK(pg::Connection::open({.url = server->url()}).query("select a from t").integer(0, 0) == 1);
}

TEST_CASE("a pid file whose number another program now bears stands in nobody's way", "[pg]") {
  test::OwnServer server;
  server->stop();
  const fs::path file = server->data_directory() / "postmaster.pid";
  // What a crash of the machine leaves behind; the number is that of a program of the same user.
  const pid_t other = start_process({"sleep", "600"}, {.user = find_system_user("postgres")});
  std::ofstream(file) << other << "\n"
                      << server->data_directory().string() << "\n1\n5432\n"
                      << server->socket_directory().string() << "\n\n0 0\nready\n";
  CHECK_FALSE(pg::Server::is_running_in(server->data_directory().parent_path()));
  server->restart();
  CHECK(answers(*server));
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
}

TEST_CASE("a server that outlives its starter is found again", "[pg]") {
  const Directory directory;
  pid_t pid = 0;
  {
    const pg::Server server = pg::Server::start({.directory = directory.path / "server",
                                                 .binaries = test::server_binaries(),
                                                 .die_with_parent = false,
                                                 .template_data = test::template_data()});
    pid = server.pid();
  }
  CHECK(pg::Server::is_running_in(directory.path / "server"));
  pg::Server server = pg::Server::attach(directory.path / "server");
  CHECK(server.pid() == pid);
  CHECK(answers(server));
  server.stop();
  CHECK_FALSE(pg::Server::is_running_in(directory.path / "server"));
  CHECK_THROWS_AS(pg::Server::attach(directory.path / "server"), Error);
}

TEST_CASE("a path too long for a socket is no obstacle", "[pg]") {
  const Directory directory;
  pg::Server server = pg::Server::start({.directory = directory.path / std::string(100, 'x'),
                                         .binaries = test::server_binaries(),
                                         .template_data = test::template_data()});
  CHECK(answers(server));
  const fs::path sockets = server.socket_directory();
  server.stop();
  CHECK_FALSE(fs::exists(sockets));
}

TEST_CASE("a server that does not start says why", "[pg]") {
  const Directory directory;
  try {
    pg::Server::start({.directory = directory.path / "server",
                       .binaries = test::server_binaries(),
                       .settings = {"no_such_setting=1"},
                       .template_data = test::template_data()});
    FAIL("it started");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::unreachable);
    CHECK(std::string(error.what()).find("no_such_setting") != std::string::npos);
  }
}

TEST_CASE("missing server programs are named with the package to install", "[pg]") {
  try {
    CHECK_FALSE(pg::has_server_binaries(99));
    pg::find_server_binaries(99);
    FAIL("found");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::unreachable);
    CHECK(error.advice().find("postgresql-99") != std::string::npos);
  }
}

TEST_CASE("a throwaway server ends when its starter is killed", "[pg]") {
  const Directory directory;
  const pg::ServerBinaries binaries = test::server_binaries();
  const fs::path data = test::template_data();
  const pid_t starter = ::fork();
  if (starter == 0) {
    const pg::Server server = pg::Server::start(
        {.directory = directory.path / "server", .binaries = binaries, .template_data = data});
    ::raise(SIGKILL);
  }
  ::waitpid(starter, nullptr, 0);
  while (pg::Server::is_running_in(directory.path / "server")) ::usleep(10'000);
  SUCCEED();
}

TEST_CASE("what a killed program leaves of a throwaway server is removed by the next", "[pg]") {
  const pg::ServerBinaries binaries = test::server_binaries();
  const fs::path data = test::template_data();
  // A place of its own: other tests clear up in the usual one.
  const pg::ThrowawayDirectory place;
  const TemporaryFolder temporary(place.path());
  const pg::ThrowawayDirectory in_use;
  REQUIRE(in_use.path().parent_path() == place.path());
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t starter = ::fork();
  if (starter == 0) {
    const pg::ThrowawayDirectory directory;
    const pg::Server server =
        pg::Server::start({.directory = directory.path(), .binaries = binaries, .template_data = data});
    const std::string path = directory.path().string();
    [[maybe_unused]] const auto written = ::write(pipe[1], path.data(), path.size());
    ::raise(SIGKILL);
  }
  ::waitpid(starter, nullptr, 0);
  std::string left(1000, '\0');
  left.resize(static_cast<std::size_t>(::read(pipe[0], left.data(), left.size())));
  REQUIRE(fs::exists(left));
  const pg::ThrowawayDirectory next;
  CHECK_FALSE(fs::exists(left));
  CHECK_FALSE(pg::Server::is_running_in(left));
  CHECK(fs::exists(in_use.path()));
}

TEST_CASE("a throwaway directory is not in memory where somebody names another place", "[pg]") {
  const pg::ThrowawayDirectory place;
  const TemporaryFolder temporary(place.path());
  const pg::ThrowawayDirectory directory(pg::Medium::memory);
  CHECK(directory.path().parent_path() == place.path());
}

TEST_CASE("what a killed program leaves in memory is removed by the next", "[pg]") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t starter = ::fork();
  if (starter == 0) {
    ::unsetenv("TMPDIR");
    const pg::ThrowawayDirectory directory(pg::Medium::memory);
    const std::string path = directory.path().string();
    [[maybe_unused]] const auto written = ::write(pipe[1], path.data(), path.size());
    ::raise(SIGKILL);
  }
  ::waitpid(starter, nullptr, 0);
  std::string left(1000, '\0');
  left.resize(static_cast<std::size_t>(::read(pipe[0], left.data(), left.size())));
  // Where there is no room in memory it is on disk, and goes all the same.
  const pg::ThrowawayDirectory next;
  CHECK_FALSE(fs::exists(left));
}

TEST_CASE("a server runs for a user who is not root, too", "[pg]") {
  const auto user = find_system_user("postgres");
  if (::geteuid() != 0 || !user) return;  // then every other test shows it
  const pg::ServerBinaries binaries = test::server_binaries();
  const pid_t child = ::fork();
  if (child == 0) {
    int status = 1;
    if (::setgroups(0, nullptr) == 0 && ::setgid(user->gid) == 0 && ::setuid(user->uid) == 0) {
      try {
        const Directory directory;
        pg::Server server = pg::Server::start({.directory = directory.path / "server", .binaries = binaries});
        status = answers(server) ? 0 : 2;
        server.stop();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
      }
    }
    ::_exit(status);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("a server that is no longer wanted while it starts is given up, and nothing of it runs", "[pg]") {
  const Directory directory;
  pg::ServerOptions options;
  options.binaries = pg::find_server_binaries();
  options.directory = directory.path;
  bool wanted = true;
  const auto unwanted_from = [&](const char* file) {
    return [&wanted, path = directory.path / file] {
      wanted = wanted && !fs::exists(path);
      return !wanted;
    };
  };
  const auto is_given_up = [&] {
    try {
      pg::Server::start(options);
      return false;
    } catch (const Error& error) {
      return error.exit_code() == ExitCode::stopped;
    }
  };
  SECTION("while its data directory is made") {
    options.is_to_end = unwanted_from("data.new");
    CHECK(is_given_up());
    CHECK_FALSE(fs::exists(directory.path / "data"));
  }
  SECTION("when it runs and is not ready") {
    options.is_to_end = unwanted_from("data/postmaster.pid");
    CHECK(is_given_up());
    CHECK_FALSE(pg::Server::is_running_in(directory.path));
    options.is_to_end = {};
    CHECK(answers(pg::Server::start(options)));
  }
}
