#include "ledger/doubt.h"

#include <fmt/format.h>

#include "ledger/await_server.h"
#include "ledger/run_lock.h"
#include "pg/transaction.h"

namespace dbtool::ledger {

namespace {

using namespace std::chrono_literals;

constexpr auto patience_with_old_backend = 30s;  // for the old backend to end
constexpr auto until_ended = 5s;  // the old backend may do so by itself; one that is idle will not
constexpr auto between_looks = 100ms;

// Locks of a step that the old backend still holds: it has neither committed nor rolled back.
constexpr const char* locks_of_backend = R"(
  from pg_locks l
 where l.locktype = 'advisory' and l.classid = $1::bigint and l.objid = $2::bigint and l.objsubid = 2 and l.granted
   and l.database = (select oid from pg_database where datname = current_database()) and l.pid = $3::int)";

constexpr const char* idle_backend = R"(
  select from pg_stat_activity a
   where a.pid = l.pid and a.state like 'idle in transaction%'
     and a.state_change < clock_timestamp() - interval '500 ms')";

bool ask(Work& work, pg::Connection& connection, int version,
         const std::function<bool(pg::Connection&)>& asked) {
  const auto began = work.clock.now();
  const std::vector<pg::Parameter> backend{std::to_string(lock_class), std::to_string(version),
                                           std::to_string(work.connection.backend_pid())};
  bool ended = false;
  for (;;) {
    {
      pg::Transaction transaction(connection, "isolation level read committed",
                                  work.session.setup(connection.server_version()));
      if (!connection.query(fmt::format("select exists (select {})", locks_of_backend), backend)
               .boolean(0, 0)) {
        const bool committed = asked(connection);
        transaction.rollback();
        return committed;
      }
    }
    const auto waited = work.clock.now() - began;
    if (waited > patience_with_old_backend) {
      throw Error(ExitCode::failed,
                  fmt::format("backend {} still holds the lock of version {}", work.connection.backend_pid(),
                              version),
                  "");
    }
    // One that never learns that its client is gone waits for ever, with its transaction open; and the
    // services wait for its rows. What was on its way to it when the connection broke is there by then, or
    // lost.
    if (!ended) {
      ended = connection
                  .query(fmt::format("select pg_terminate_backend(l.pid) {} and ({} or exists ({}))",
                                     locks_of_backend, waited > until_ended, idle_backend),
                         backend)
                  .rows() > 0;
    }
    work.clock.sleep(between_looks);
  }
}

}  // namespace

bool was_committed(Work& work, int version, const std::function<bool(pg::Connection&)>& asked,
                   const std::function<void()>& between) {
  bool committed = false;
  const auto open = [&] {
    pg::Connection connection = open_primary(work.connection.address());
    prepare(connection, work.observer);
    committed = ask(work, connection, version, asked);
    return connection;
  };
  work.connection = await_server(work.clock, open, between);
  return committed;
}

void reopen(Work& work, int version) {
  was_committed(work, version, [](pg::Connection&) { return false; });
}

}  // namespace dbtool::ledger
