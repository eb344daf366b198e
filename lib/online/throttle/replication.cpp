#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "base/size.h"
#include "online/throttle/absence.h"
#include "online/throttle/signals.h"

namespace dbtool::online {

namespace {

// By LSN: replay_lag is a time, and stands still while a replica replays nothing. Backups and receivers of
// WAL replay nothing. What lags behind a logical slot is named by `slots` when it is gone.
constexpr const char* lag_query = R"(
select r.application_name, host(r.client_addr), s.slot_name, coalesce(s.slot_type, 'physical') = 'physical',
       greatest(pg_current_wal_lsn() - r.replay_lsn, 0)::bigint, left(pg_walfile_name(pg_current_wal_lsn()), 8)
  from (values (true)) as this_server(there)
  left join pg_stat_replication r on r.state in ('streaming', 'catchup') and r.replay_lsn is not null
  left join pg_replication_slots s on s.active_pid = r.pid
 order by s.slot_name, r.application_name, r.client_addr, r.pid)";

constexpr const char* slots_query = R"(
select slot_name, active, greatest(pg_current_wal_lsn() - restart_lsn, 0)::bigint
  from pg_replication_slots
 where restart_lsn is not null
 order by slot_name)";

struct Replica {
  std::string name;
  bool physical = false;
  std::int64_t lag = 0;
};

std::vector<Replica> read_replicas(const pg::Result& rows, const std::vector<std::string>& except) {
  const auto left_out = [&](std::string_view name) {
    return std::find(except.begin(), except.end(), name) != except.end();
  };
  std::vector<Replica> replicas;
  std::set<std::string> names;
  for (int row = 0; row < rows.rows(); ++row) {
    if (rows.is_null(row, 0)) continue;  // there is none
    const std::string application(rows.text(row, 0));
    const std::string slot(rows.text(row, 2));
    if (left_out(application) || (!slot.empty() && left_out(slot))) continue;
    std::string name = slot.empty() ? application : slot;
    if (slot.empty() && !rows.is_null(row, 1)) name += fmt::format(" at {}", rows.text(row, 1));
    // Replicas without a name of their own are told apart by their number.
    const std::string base = name;
    for (int number = 2; !names.insert(name).second; ++number) name = fmt::format("{} #{}", base, number);
    replicas.push_back({name, rows.boolean(row, 3), rows.integer(row, 4)});
  }
  return replicas;
}

}  // namespace

Signal watch_lag(const LagSettings& settings, std::chrono::milliseconds absence) {
  Signal::Together way;
  way.ask = [](const Moment&) { return pg::Statement{lag_query}; };
  way.judge = [settings, gone = std::make_shared<Absence>("lag", absence)](const pg::Result& result,
                                                                           const Moment& moment) {
    Answer answer;
    gone->follow(result.text(0, 5));
    for (const Replica& replica : read_replicas(result, settings.except)) {
      const double load =
          Signal::load_of(static_cast<double>(replica.lag), static_cast<double>(settings.limit));
      answer.readings.push_back({"lag", load,
                                 fmt::format("replica {} lag {} (limit {})", replica.name,
                                             size_to_text(replica.lag), size_to_text(settings.limit))});
      answer.readings.back().measure =
          Measure{static_cast<double>(replica.lag), static_cast<double>(settings.limit), "bytes"};
      if (replica.physical) gone->see(replica.name, moment.now);
    }
    gone->judge(moment.now, answer);
    return answer;
  };
  return {"lag", std::move(way), true};
}

Signal watch_slots(std::int64_t limit) {
  Signal::Together way;
  way.ask = [](const Moment&) { return pg::Statement{slots_query}; };
  way.judge = [limit](const pg::Result& rows, const Moment&) {
    Answer answer;
    for (int row = 0; row < rows.rows(); ++row) {
      const std::int64_t held = rows.integer(row, 2);
      const double load = Signal::load_of(static_cast<double>(held), static_cast<double>(limit));
      answer.readings.push_back(
          {"slots", load,
           fmt::format("{}slot {} holds back {} of WAL (limit {})", rows.boolean(row, 1) ? "" : "unused ",
                       rows.text(row, 0), size_to_text(held), size_to_text(limit))});
      answer.readings.back().measure =
          Measure{static_cast<double>(held), static_cast<double>(limit), "bytes"};
    }
    return answer;
  };
  return {"slots", std::move(way)};
}

}  // namespace dbtool::online
