#include "run/lock_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "ledger/session.h"

namespace dbtool::run {

namespace {

using namespace std::chrono_literals;

constexpr auto first_look = 20ms;      // a lock that is free is had sooner
constexpr auto busy_interval = 100ms;  // while the attempt is young
constexpr auto calm_interval = 2s;     // while a script works for hours and nothing limits its waits
constexpr auto young = 10s;

// Without pg_monitor the type of another user's backend is hidden; one without a user is a worker of the
// server.
constexpr const char* blockers_query = R"(
select b.pid, a.usename, a.application_name, a.state, left(regexp_replace(a.query, '\s+', ' ', 'g'), 200),
       coalesce(extract(epoch from clock_timestamp() - coalesce(a.state_change, a.query_start)) * 1000, 0)::bigint,
       coalesce(a.backend_type = 'autovacuum worker', a.pid is not null and a.usesysid is null)
  from unnest(pg_blocking_pids($1)) as b(pid) left join pg_stat_activity a using (pid))";

}  // namespace

void LockWatch::begin(int pid, std::chrono::milliseconds lock_timeout) {
  pid_ = pid;
  blockers_.clear();
  is_blocked_ = false;
  // Who is in the way is to be seen before the wait ends, hours into a script as well.
  interval_ = lock_timeout.count() == 0
                  ? std::chrono::milliseconds(calm_interval)
                  : std::clamp<std::chrono::milliseconds>(lock_timeout / 3, busy_interval, calm_interval);
  began_ = clock_.now();
  next_ = began_ + first_look;
}

void LockWatch::poll() {
  const auto now = clock_.now();
  if (broken_ || now < next_) return;
  next_ = now + (now - began_ < young ? busy_interval : interval_);
  try {
    if (!connection_) {
      pg::Address own = address_;
      own.application_name = "dbtool lock watch";
      own.options.emplace_back(ledger::as_login);
      connection_ = pg::Connection::open(own);
    }
    const pg::Result rows = connection_->query(blockers_query, {std::to_string(pid_)});
    is_blocked_ = rows.rows() > 0;
    if (!is_blocked_) return;
    blockers_.clear();
    for (int row = 0; row < rows.rows(); ++row) {
      Blocker blocker;
      blocker.pid = static_cast<int>(rows.integer(row, 0));
      blocker.user = rows.text(row, 1);
      blocker.application = rows.text(row, 2);
      blocker.state = rows.text(row, 3);
      blocker.query = rows.text(row, 4);
      blocker.query_age = std::chrono::milliseconds(rows.integer(row, 5));
      blocker.autovacuum = rows.boolean(row, 6);
      blockers_.push_back(std::move(blocker));
    }
  } catch (const pg::PgError&) {
    // Only the name of the blocker is lost, never the work that waits for it.
    broken_ = true;
  }
}

std::string describe(const std::vector<Blocker>& blockers) {
  std::string names;
  for (const Blocker& blocker : blockers) names += (names.empty() ? "" : "; ") + describe(blocker);
  return names.empty() ? "not seen" : names;
}

std::string describe(const Blocker& blocker) {
  if (blocker.autovacuum) return fmt::format("pid {} (autovacuum)", blocker.pid);
  std::string text = fmt::format("pid {}", blocker.pid);
  if (!blocker.user.empty()) text += fmt::format(" (user {}", blocker.user);
  if (!blocker.user.empty() && !blocker.application.empty())
    text += fmt::format(", application {}", blocker.application);
  if (!blocker.user.empty() && !blocker.state.empty()) {
    text += fmt::format(", {} for {}", blocker.state, dbtool::to_text(blocker.query_age));
  }
  if (!blocker.user.empty()) text += ")";
  if (!blocker.query.empty()) text += ": " + blocker.query;
  return text;
}

}  // namespace dbtool::run
