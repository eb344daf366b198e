#include "ledger/run_lock.h"

#include <fmt/format.h>

#include <algorithm>

namespace dbtool::ledger {

namespace {

using namespace std::chrono_literals;

std::string describe_holder(pg::Connection& connection) {
  const std::optional<RunRecord> run = running(connection);
  if (!run) return "it ended just now; try again";
  std::string text = fmt::format("backend {}", run->backend_pid);
  if (!run->command.empty()) text += fmt::format(", `dbtool {}`", run->command);
  if (!run->os_user.empty()) text += fmt::format(" by {}@{} (process {})", run->os_user, run->host, run->pid);
  if (!run->database_user.empty()) text += fmt::format(", database user {}", run->database_user);
  if (!run->started_at.empty()) text += fmt::format(", since {}", run->started_at);
  return text;
}

}  // namespace

RunLock RunLock::acquire(const pg::Address& address) {
  pg::Address own = address;
  own.application_name = "dbtool run lock";
  pg::Connection connection = pg::Connection::open(own);
  const pg::Result pid = connection.exec(R"(
      set idle_in_transaction_session_timeout = 0;
      set idle_session_timeout = 0;
      set statement_timeout = 0;
      select pg_backend_pid())");
  if (pid.integer(0, 0) != connection.backend_pid()) {
    throw Error(ExitCode::unreachable,
                "a connection pooler stands between dbtool and the server; locks and cancels do not pass through it",
                "give the direct URL of the server (its own port, not the pooler's)");
  }
  if (connection.server_version() >= 170000) connection.exec("set transaction_timeout = 0");
  const pg::Result locked = connection.exec(
      fmt::format("begin; select pg_try_advisory_xact_lock({}, 0)", lock_class));
  if (!locked.boolean(0, 0)) {
    connection.exec("rollback");
    throw Error(ExitCode::busy, "another dbtool is at work on this database: " + describe_holder(connection),
                "watch it with: dbtool status --watch");
  }
  return RunLock(std::move(connection));
}

void RunLock::confirm() {
  try {
    connection_.exec("select 1");
  } catch (const pg::PgError& error) {
    throw Error(ExitCode::failed, std::string("the run lock was lost: ") + error.what(),
                "see where the database stands with `dbtool status`, then run the same command again");
  }
}

std::vector<Orphan> find_orphans(pg::Connection& connection) {
  const pg::Result rows = connection.query(fmt::format(R"(
      select l.pid, l.objid, left(coalesce(a.query, ''), 200)
        from pg_locks l left join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.classid = {} and l.objid <> 0 and l.objsubid = 2 and l.granted
         and l.database = (select oid from pg_database where datname = current_database())
         and l.pid <> pg_backend_pid()
       order by 1)",
                                                       lock_class));
  std::vector<Orphan> orphans;
  for (int row = 0; row < rows.rows(); ++row) {
    orphans.push_back({static_cast<int>(rows.integer(row, 0)), static_cast<int>(rows.integer(row, 1)),
                       std::string(rows.text(row, 2))});
  }
  return orphans;
}

void end_orphans(pg::Connection& connection, Clock& clock, const Observer& observer) {
  constexpr auto patience = 5s;
  constexpr auto deadline = 30s;
  const auto began = clock.now();
  bool told = false;
  bool ended = false;
  for (;;) {
    const std::vector<Orphan> orphans = find_orphans(connection);
    if (orphans.empty()) return;
    const Orphan& first = orphans.front();
    if (!told) {
      observer(Message{Message::Level::warning,
                       fmt::format("backend {} still works on version {} for a dbtool that is gone; waiting for it",
                                   first.pid, first.version)});
      told = true;
    }
    const auto waited = clock.now() - began;
    if (waited > deadline) {
      throw Error(ExitCode::failed,
                  fmt::format("backend {} still works on version {} for a dbtool that is gone, and does not end",
                              first.pid, first.version),
                  fmt::format("end it as its own user or a superuser: select pg_terminate_backend({});", first.pid));
    }
    if (waited > patience && !ended) {
      for (const Orphan& orphan : orphans) {
        observer(Message{Message::Level::warning, fmt::format("ending backend {}", orphan.pid)});
        try {
          connection.query("select pg_terminate_backend($1::int)", {std::to_string(orphan.pid)});
        } catch (const pg::PgError& error) {
          if (!error.is_permission_denied()) throw;
        }
      }
      ended = true;
    }
    clock.sleep(100ms);
  }
}

}  // namespace dbtool::ledger
