#include <fmt/format.h>

#include "base/duration.h"
#include "online/throttle/signals.h"

namespace dbtool::online {

namespace {

using std::chrono::milliseconds;

// The function below pg_stat_activity: the joins of the view cost more to plan than all else here.

/// A number of sessions of clients, ours left out.
Signal count_sessions(const std::string& name, const std::string& which, const std::string& condition,
                      std::int64_t limit) {
  const std::string sql = R"(
select count(*) from pg_stat_get_activity(null)
 where backend_type = 'client backend' and pid <> pg_backend_pid() and pid <> all ($1::int[]) and )" +
                          condition;
  Signal::Together way;
  way.ask = [sql](const Moment& moment) { return pg::Statement{sql, {moment.pids()}}; };
  way.judge = [name, which, limit](const pg::Result& result, const Moment&) {
    const std::int64_t count = result.integer(0, 0);
    const double load = Signal::load_of(static_cast<double>(count), static_cast<double>(limit));
    const std::string text =
        fmt::format("{} {} {} (limit {})", count, which, count == 1 ? "session" : "sessions", limit);
    return measured({name, load, text}, {static_cast<double>(count), static_cast<double>(limit), "sessions"});
  };
  return {name, std::move(way), true};
}

// A session that waits for a moment after it asked for a lock has no waitstart yet.
constexpr const char* blocked_query = R"(
select count(*), coalesce(max(extract(epoch from clock_timestamp() - waiting.waitstart)) * 1000, 0)::bigint
  from (select pid, min(waitstart) as waitstart from pg_locks where not granted group by pid) waiting
 where waiting.pid <> all ($1::int[]) and pg_blocking_pids(waiting.pid) && $1::int[])";

// Who holds neither a transaction id nor a snapshot keeps nothing from being vacuumed, however old.
constexpr const char* transaction_query = R"(
select (extract(epoch from clock_timestamp() - began) * 1000)::bigint, who
  from (select xact_start, format('pid %s of user %s', pid, usesysid::regrole)
          from pg_stat_get_activity(null)
         where backend_type = 'client backend' and (backend_xid is not null or backend_xmin is not null)
           and pid <> pg_backend_pid() and pid <> all ($1::int[])
        union all
        select prepared, format('prepared transaction %s', gid) from pg_prepared_xacts) as t(began, who)
 order by 1 desc nulls last limit 1)";

}  // namespace

Signal watch_active(std::int64_t limit) {
  return count_sessions("active", "active", "state = 'active'", limit);
}

Signal watch_waiting(std::int64_t limit) {
  return count_sessions("waiting", "waiting",
                        "state = 'active' and wait_event_type in ('Lock', 'LWLock', 'BufferPin')", limit);
}

Signal watch_blocked(milliseconds limit) {
  Signal::Together way;
  way.ask = [](const Moment& moment) { return pg::Statement{blocked_query, {moment.pids()}}; };
  way.judge = [limit](const pg::Result& result, const Moment&) {
    const std::int64_t sessions = result.integer(0, 0);
    const milliseconds longest(result.integer(0, 1));
    if (sessions == 0)
      return measured({"blocked", 0, "no session waits for our locks"}, {0, to_seconds(limit), "seconds"});
    const double load =
        Signal::load_of(static_cast<double>(longest.count()), static_cast<double>(limit.count()));
    const std::string text =
        fmt::format("{} for our locks, longest {} ms (limit {} ms)",
                    sessions == 1 ? "1 session waits" : fmt::format("{} sessions wait", sessions),
                    longest.count(), limit.count());
    return measured({"blocked", load, text}, {to_seconds(longest), to_seconds(limit), "seconds"});
  };
  return {"blocked", std::move(way)};
}

Signal watch_transaction(milliseconds limit) {
  Signal::Together way;
  way.ask = [](const Moment& moment) { return pg::Statement{transaction_query, {moment.pids()}}; };
  way.judge = [limit](const pg::Result& result, const Moment&) {
    if (result.rows() == 0 || result.is_null(0, 0))
      return measured({"transaction", 0, "no transaction is open"}, {0, to_seconds(limit), "seconds"});
    const milliseconds age(result.integer(0, 0));
    const double load = Signal::load_of(static_cast<double>(age.count()), static_cast<double>(limit.count()));
    const std::string text = fmt::format("oldest transaction {}, {} (limit {})", dbtool::to_text(age),
                                         result.text(0, 1), dbtool::to_text(limit));
    return measured({"transaction", load, text}, {to_seconds(age), to_seconds(limit), "seconds"});
  };
  return {"transaction", std::move(way), true};
}

}  // namespace dbtool::online
