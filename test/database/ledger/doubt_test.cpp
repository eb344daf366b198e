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

}  // namespace

TEST_CASE("Who takes a lost connection's place waits for a backend that has not read yet what was sent",
          "[ledger]") {
  RunFixture fixture;
  fixture.database.exec("create table marks (a int)");
  CutConnection cut([&] { return fixture.database.connect(); });
  SystemClock clock;
  Interrupts interrupts([] { return 0; }, clock);
  ledger::Work work{cut.connection, ledger::Session::from(Settings{}), 1, clock, [](const Event&) {},
                    interrupts};
  ledger::prepare(work.connection, work.observer);
  const int old = work.connection.backend_pid();
  REQUIRE(::kill(old, SIGSTOP) == 0);
  cut.send_and_cut("begin; insert into marks values (1); lock table marks in access exclusive mode");
  std::thread slow([old] {
    std::this_thread::sleep_for(700ms);
    ::kill(old, SIGCONT);
  });
  const bool found = ledger::was_committed(work, [](pg::Connection& asked) {
    return asked.query("select exists (select from marks)").boolean(0, 0);
  });
  slow.join();
  CHECK_FALSE(found);
  CHECK(work.connection.backend_pid() != old);
  work.connection.exec("begin; lock table marks in access exclusive mode nowait; commit");
  CHECK(work.connection.query("select count(*) from pg_stat_activity where pid = $1", {std::to_string(old)})
            .integer(0, 0) == 0);
}
