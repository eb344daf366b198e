#include "ledger/doubt.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;
using namespace std::chrono_literals;

namespace {

std::set<int> open_sockets() {
  std::set<int> found;
  for (int number = 0; number < 1024; ++number) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (getpeername(number, reinterpret_cast<sockaddr*>(&address), &length) == 0) found.insert(number);
  }
  return found;
}

/// A connection of whose end the server does not learn.
class CutConnection {
 public:
  explicit CutConnection(const std::function<pg::Connection()>& open)
      : before_(open_sockets()), connection(open()) {}
  ~CutConnection() { ::close(servers_end_); }
  CutConnection(const CutConnection&) = delete;
  CutConnection& operator=(const CutConnection&) = delete;

  /// Sends the SQL and is cut before there is an answer.
  void send_and_cut(const std::string& sql) {
    int number = -1;
    for (const int socket : open_sockets()) {
      if (!before_.contains(socket)) number = socket;
    }
    REQUIRE(number >= 0);
    servers_end_ = ::dup(number);
    std::string message = "Q";
    const auto length = static_cast<std::uint32_t>(sql.size() + 5);
    for (const int shift : {24, 16, 8, 0}) message += static_cast<char>(length >> shift & 0xff);
    message += sql + '\0';
    REQUIRE(::write(servers_end_, message.data(), message.size()) == static_cast<ssize_t>(message.size()));
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    ::close(pair[1]);
    REQUIRE(::dup2(pair[0], number) == number);
    ::close(pair[0]);
  }

 private:
  std::set<int> before_;
  int servers_end_ = -1;

 public:
  pg::Connection connection;
};

/// Stands still until it is let go: it does not read what is sent to it.
class StoppedBackend {
 public:
  explicit StoppedBackend(int backend) : pid(backend) { REQUIRE(::kill(pid, SIGSTOP) == 0); }
  ~StoppedBackend() { go_on(); }
  StoppedBackend(const StoppedBackend&) = delete;
  StoppedBackend& operator=(const StoppedBackend&) = delete;
  void go_on() const { ::kill(pid, SIGCONT); }

  const int pid;
};

/// A run's connection that is lost with a transaction on its way, which its backend has not read.
class LostWork {
 public:
  explicit LostWork(RunFixture& fixture) : cut_([&] { return connect(fixture); }) {
    ledger::prepare(work.connection, work.observer);
    stopped.emplace(work.connection.backend_pid());
    cut_.send_and_cut("begin; insert into marks values (1); lock table marks in access exclusive mode");
  }

  bool was_committed(const std::function<void()>& between = [] {}) {
    return ledger::was_committed(
        work,
        [](pg::Connection& asked) { return asked.query("select exists (select from marks)").boolean(0, 0); },
        between);
  }

 private:
  static pg::Connection connect(const RunFixture& fixture) {
    fixture.database.exec("create table marks (a int); grant all on marks to public");
    return fixture.database.connect(fixture.database.owner());
  }

  CutConnection cut_;
  SystemClock clock_;
  Interrupts interrupts_{[] { return 0; }, clock_};

 public:
  ledger::Work work{cut_.connection, ledger::Session::from(Settings{}), 1, clock_, [](const Event&) {},
                    interrupts_};
  std::optional<StoppedBackend> stopped;
};

}  // namespace

TEST_CASE("Who takes a lost connection's place waits for a backend that has not read yet what was sent",
          "[ledger]") {
  RunFixture fixture;
  SECTION("as it is") {}
  SECTION("where a role is set by default, to which the session's own backends are not shown") {
    const std::string plain = fixture.database.create_role("plain", "nologin");
    fixture.database.exec("grant " + plain + " to " + fixture.database.owner());
    fixture.database.exec("alter role " + fixture.database.owner() + " set role = " + plain);
  }
  LostWork lost(fixture);
  std::thread slow([&] {
    std::this_thread::sleep_for(700ms);
    lost.stopped->go_on();
  });
  const bool found = lost.was_committed();
  slow.join();
  CHECK_FALSE(found);
  CHECK(lost.work.connection.backend_pid() != lost.stopped->pid);
  lost.work.connection.exec("begin; lock table marks in access exclusive mode nowait; commit");
  CHECK(fixture.text("select count(*) from pg_stat_activity where pid = " +
                     std::to_string(lost.stopped->pid)) == "0");
}

TEST_CASE("A stop is heeded while a lost connection's backend is waited for", "[ledger]") {
  RunFixture fixture;
  LostWork lost(fixture);
  int looks = 0;
  CHECK_THROWS_WITH(lost.was_committed([&] {
    if (++looks == 3) throw Error(ExitCode::stopped, "as asked", "");
  }),
                    Catch::Contains("as asked"));
  CHECK(looks == 3);
}
