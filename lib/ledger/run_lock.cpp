#include "ledger/run_lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "ledger/await_server.h"
#include "ledger/work.h"

namespace dbtool::ledger {

namespace {

using namespace std::chrono_literals;

std::string describe_holder(pg::Connection& connection) {
  connection.exec("reset role");  // the ledger may be for the role that is set by default
  const std::optional<RunRecord> run = running(connection);
  if (!run) return "it ended just now; try again";
  std::string text = fmt::format("backend {}", run->backend_pid);
  if (!run->command.empty()) text += fmt::format(", `dbtool {}`", run->command);
  if (!run->os_user.empty()) text += fmt::format(" by {}@{} (process {})", run->os_user, run->host, run->pid);
  if (!run->database_user.empty()) text += fmt::format(", database user {}", run->database_user);
  if (!run->started_at.empty()) text += fmt::format(", since {}", run->started_at);
  return text;
}

constexpr auto beat_interval = 1s;
constexpr auto answer_limit = 15s;   // for one sign of life; then the connection is held to be lost
constexpr auto silence_limit = 20s;  // after which the server ends the session of a silent holder
constexpr auto patience_with_holder = silence_limit + 10s;

pg::Connection open_session(const pg::Address& address) {
  pg::Address own = address;
  own.application_name = "dbtool run lock";
  pg::Connection connection = pg::Connection::open(own);
  // What becomes of a session is shown to its own role, not to one that is set by default.
  const pg::Result session =
      connection.exec(fmt::format(R"(
      set role none;
      set idle_session_timeout = 0;
      set statement_timeout = 0;
      set idle_in_transaction_session_timeout = {};
      select pg_backend_pid(), pg_is_in_recovery(), {})",
                                  std::chrono::milliseconds(silence_limit).count(), own_backend_start()));
  // A standby gives locks as well, each to whom it likes.
  if (session.boolean(0, 1)) throw standby_error();
  if (session.integer(0, 0) != connection.backend_pid()) {
    throw Error(
        ExitCode::unreachable,
        "a connection pooler stands between dbtool and the server; locks and cancels do not pass through it",
        "give the direct URL of the server (its own port, not the pooler's)");
  }
  connection.set_backend_start(std::string(session.text(0, 2)));
  if (connection.server_version() >= 170000) connection.exec("set transaction_timeout = 0");
  return connection;
}

/// Ends the session that held the lock of this very run, where the server has not learnt that its client is
/// gone: it would keep the lock until the server ends it as silent.
void end_old_session(pg::Connection& connection, int backend_pid, const std::string& start) {
  connection.query(fmt::format(R"(
      select pg_terminate_backend(a.pid)
        from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.classid = {} and l.objid = 0 and l.objsubid = 2 and l.granted
         and l.database = (select oid from pg_database where datname = current_database())
         and a.pid = $1::int and {} = $2)",
                               lock_class, backend_start),
                   {std::to_string(backend_pid), start});
}

bool try_lock(pg::Connection& connection) {
  const pg::Result locked =
      connection.exec(fmt::format("begin; select pg_try_advisory_xact_lock({}, 0)", lock_class));
  if (locked.boolean(0, 0)) return true;
  connection.exec("rollback");
  return false;
}

/// The holder's last sign of life as the server saw it; "" when it may not be seen, or there is no holder.
std::string last_beat(pg::Connection& connection) {
  const pg::Result rows = connection.query(fmt::format(R"(
      select a.state_change from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.classid = {} and l.objid = 0 and l.objsubid = 2 and l.granted
         and l.database = (select oid from pg_database where datname = current_database()))",
                                                       lock_class));
  return rows.rows() == 0 ? "" : std::string(rows.text(0, 0));
}

// Whether the lock came free: a holder that gives a sign of life ends the wait at once, a silent one is
// waited for.
bool wait_for_silent_holder(pg::Connection& connection, Clock& clock, const Observer& observer,
                            const Interrupts& interrupts) {
  const auto began = clock.now();
  const std::string first = last_beat(connection);
  if (first.empty()) return try_lock(connection);
  bool told = false;
  while (clock.now() - began < patience_with_holder) {
    interrupts.stop_if_requested();
    clock.sleep(100ms);
    if (try_lock(connection)) return true;
    const std::string beat = last_beat(connection);
    if (!beat.empty() && beat != first) return false;
    if (!told && clock.now() - began > beat_interval * 2) {
      told = true;
      observer(Message{
          Message::Level::warning,
          "another dbtool holds the run lock, but gives no sign of life; waiting for the server to end it"});
    }
  }
  return false;
}

}  // namespace

/// The connection that holds the lock, and the thread that keeps it alive. Both use it, one at a time.
class RunLock::Holder {
 public:
  explicit Holder(pg::Connection connection)
      : connection_(std::move(connection)), thread_([this](const std::stop_token& stop) { beat(stop); }) {}

  void confirm() {
    const std::lock_guard guard(mutex_);
    // Nobody keeps it alive any more, even if it answers again.
    if (lost_) throw Error(ExitCode::unreachable, "the server did not answer", "");
    give_sign();
  }
  int backend_pid() const { return connection_.backend_pid(); }
  const std::string& backend_start() const { return connection_.backend_start(); }
  bool is_lost() const { return lost_; }

 private:
  void give_sign() {
    const auto began = std::chrono::steady_clock::now();
    connection_.on_wait([began] {
      if (std::chrono::steady_clock::now() - began < answer_limit) return;
      throw Error(ExitCode::unreachable, "the server does not answer", "");
    });
    connection_.exec("select 1");
  }

  void beat(const std::stop_token& stop) {
    std::unique_lock guard(mutex_);
    while (!stop.stop_requested()) {
      wake_.wait_for(guard, stop, beat_interval, [] { return false; });
      if (stop.stop_requested()) return;
      try {
        give_sign();
      } catch (const Error&) {
        lost_ = true;  // confirm() finds the same, and tells
        return;
      }
    }
  }

  pg::Connection connection_;
  std::atomic<bool> lost_ = false;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it ends before what it uses
};

RunLock::RunLock(pg::Address address, Clock& clock, Observer observer, const Interrupts& interrupts,
                 std::unique_ptr<Holder> holder)
    : address_(std::move(address)),
      clock_(&clock),
      observer_(std::move(observer)),
      interrupts_(&interrupts),
      holder_(std::move(holder)) {}
RunLock::RunLock(RunLock&&) noexcept = default;
RunLock& RunLock::operator=(RunLock&&) noexcept = default;
RunLock::~RunLock() = default;

void RunLock::hand_to(Observer observer, const Interrupts& interrupts) {
  observer_ = std::move(observer);
  interrupts_ = &interrupts;
}

bool RunLock::is_lost() const {
  return holder_->is_lost();
}

int RunLock::backend_pid() const {
  return holder_->backend_pid();
}

RunLock RunLock::acquire(const pg::Address& address, Clock& clock, const Observer& observer,
                         const Interrupts& interrupts) {
  pg::Connection connection = open_session(address);
  if (!try_lock(connection) && !wait_for_silent_holder(connection, clock, observer, interrupts)) {
    throw Error(ExitCode::busy, "another dbtool is at work on this database: " + describe_holder(connection),
                "watch it with: dbtool status --watch");
  }
  return {address, clock, observer, interrupts, std::make_unique<Holder>(std::move(connection))};
}

void RunLock::confirm() {
  std::string lost;
  try {
    return holder_->confirm();
  } catch (const Error& error) {
    lost = error.what();
  }
  const Error failure(ExitCode::failed, "the run lock was lost: " + lost,
                      "see where the database stands with `dbtool status`, then run the same command again");
  try {
    pg::Connection connection = await_server(
        *clock_, [&] { return open_session(address_); }, [&] { interrupts_->stop_if_requested(); });
    end_old_session(connection, holder_->backend_pid(), holder_->backend_start());
    if (!try_lock(connection) && !wait_for_silent_holder(connection, *clock_, observer_, *interrupts_))
      throw failure;
    holder_ = std::make_unique<Holder>(std::move(connection));
  } catch (const pg::PgError&) {
    throw failure;
  }
  observer_(Message{Message::Level::warning, "the run lock was lost (" + lost + ") and taken again"});
}

std::vector<Orphan> find_orphans(pg::Connection& connection) {
  const pg::Result rows = connection.ask(fmt::format(R"(
      select l.pid, coalesce(min(l.objid::bigint) filter (where l.objid::bigint <> {1}), 0),
             left(coalesce(min(a.query), ''), 200)
        from pg_locks l left join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.classid = {0} and l.objid <> 0 and l.objsubid = 2 and l.granted
         and l.database = (select oid from pg_database where datname = current_database())
         and l.pid <> pg_backend_pid()
       group by 1
       order by 1)",
                                                     lock_class, run_key));
  std::vector<Orphan> orphans;
  for (int row = 0; row < rows.rows(); ++row) {
    orphans.push_back({static_cast<int>(rows.integer(row, 0)), static_cast<int>(rows.integer(row, 1)),
                       std::string(rows.text(row, 2))});
  }
  return orphans;
}

namespace {

/// "backend 4711 still works on version 20 for a dbtool that is gone"
std::string describe(const Orphan& orphan) {
  return fmt::format("backend {} still works{} for a dbtool that is gone", orphan.pid,
                     orphan.version == 0 ? "" : fmt::format(" on version {}", orphan.version));
}

void end(pg::Connection& connection, const std::vector<Orphan>& orphans, const Observer& observer) {
  for (const Orphan& orphan : orphans) {
    observer(Message{Message::Level::warning, fmt::format("ending backend {}", orphan.pid)});
    connection.exec("set role none");
    try {
      connection.query("select pg_terminate_backend($1::int)", {std::to_string(orphan.pid)});
    } catch (const pg::PgError& error) {
      if (!error.is_permission_denied()) throw;
    }
    connection.exec("reset role");
  }
}

}  // namespace

void end_orphans(pg::Connection& connection, Clock& clock, const Observer& observer,
                 const Interrupts& interrupts, std::chrono::seconds by_itself) {
  constexpr auto deadline = 30s;
  const auto began = clock.now();
  bool told = false;
  bool ended = false;
  for (;;) {
    const std::vector<Orphan> orphans = find_orphans(connection);
    if (orphans.empty()) return;
    const Orphan& first = orphans.front();
    if (!told) observer(Message{Message::Level::warning, describe(first) + "; waiting for it"});
    told = true;
    const auto waited = clock.now() - began;
    if (waited > deadline) {
      throw Error(
          ExitCode::failed, describe(first) + ", and does not end",
          fmt::format("end it as its own user or a superuser: select pg_terminate_backend({});", first.pid));
    }
    if (waited > by_itself && !ended) {
      end(connection, orphans, observer);
      ended = true;
    }
    interrupts.stop_if_requested();
    clock.sleep(100ms);
  }
}

}  // namespace dbtool::ledger
