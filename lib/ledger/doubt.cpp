#include "ledger/doubt.h"

#include <fmt/format.h>

#include "ledger/await_server.h"
#include "pg/transaction.h"

namespace dbtool::ledger {

namespace {

using namespace std::chrono_literals;

constexpr auto patience_with_old_backend = 30s;  // for the old backend to end
constexpr auto between_looks = 100ms;

struct Backend {
  int pid = 0;
  std::string start;
};

Backend backend_of(const pg::Connection& connection) {
  return {connection.backend_pid(), connection.backend_start()};
}

// One that has not yet read what was sent to it holds no lock by which it could be known.
std::string where_backend() {
  return fmt::format("from pg_stat_activity a where a.pid = $1::int and {} = $2", backend_start);
}

constexpr const char* is_idle =
    "a.state like 'idle%' and a.state_change < clock_timestamp() - interval '500 ms'";

void await_end(pg::Connection& connection, const Backend& backend, Clock& clock,
               const std::function<void()>& between, std::chrono::seconds by_itself) {
  const auto began = clock.now();
  const std::vector<pg::Parameter> parameters{std::to_string(backend.pid), backend.start};
  bool ended = false;
  while (connection.query(fmt::format("select {}", where_backend()), parameters).rows() > 0) {
    const auto waited = clock.now() - began;
    if (waited > patience_with_old_backend) {
      throw Error(ExitCode::failed,
                  fmt::format("backend {}, whose connection was lost, is still at work", backend.pid),
                  fmt::format("end it (select pg_terminate_backend({})), then run the same command again",
                              backend.pid));
    }
    // One that never learns that its client is gone waits for ever, with its transaction open; and the
    // services wait for its rows. What was on its way to it when the connection broke is there by then, or
    // lost.
    if (!ended) {
      ended = connection
                  .query(fmt::format("select pg_terminate_backend(a.pid) {} and ({} or {})", where_backend(),
                                     waited >= by_itself, is_idle),
                         parameters)
                  .rows() > 0;
    }
    between();
    clock.sleep(between_looks);
  }
}

}  // namespace

bool was_committed(Work& work, const std::function<bool(pg::Connection&)>& asked,
                   const std::function<void()>& between, std::chrono::seconds by_itself) {
  bool committed = false;
  std::vector<Backend> lost{backend_of(work.connection)};  // the one that asks may be lost, too
  const auto open = [&] {
    pg::Connection connection = open_primary(work.connection.address());
    prepare(connection, work.observer);
    // As whom the connection was opened: a role that is set by default may not see its own session's others.
    connection.exec("set role none");
    for (const Backend& backend : lost) await_end(connection, backend, work.clock, between, by_itself);
    connection.exec("reset role");
    lost.push_back(backend_of(connection));
    pg::Transaction transaction(connection, "isolation level read committed",
                                work.session.setup(connection.server_version()));
    committed = asked(connection);
    transaction.rollback();
    return connection;
  };
  work.connection = await_server(work.clock, open, between);
  return committed;
}

void reopen(Work& work, std::chrono::seconds by_itself) {
  was_committed(
      work, [](pg::Connection&) { return false; }, [] {}, by_itself);
}

}  // namespace dbtool::ledger
