#include "run/replicas.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/size.h"
#include "pg/quote.h"

namespace dbtool::run {

namespace {

// Who replays nothing, as a base backup or a receiver of WAL, is measured by what it has written down. By
// LSN: replay_lag is a time, and stands still while a replica replays nothing.
constexpr const char* replicas_query = R"(
select r.pid, r.application_name, host(r.client_addr), s.slot_name, r.state,
       greatest(pg_current_wal_lsn() - coalesce(r.replay_lsn, r.flush_lsn, r.sent_lsn), 0)::bigint
  from pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid
 order by r.pid)";

constexpr const char* slots_query = R"(
select slot_name, slot_type = 'logical' and database = current_database(), active,
       greatest(pg_current_wal_lsn() - restart_lsn, 0)::bigint
  from pg_replication_slots
 where restart_lsn is not null and wal_status is distinct from 'lost'
 order by slot_name)";

class Findings {
 public:
  Findings(const LagSettings& limits, std::vector<std::string>& where) : limits_(limits), where_(where) {}

  /// `user`: whose eyes these are.
  void look_at_replicas(const pg::Result& rows, const std::string& user, std::vector<std::string>& warnings);
  /// `heard`: logical slots of this database are told already, as those who hear of the steps.
  void look_at_slots(const pg::Result& rows, bool heard);

 private:
  bool is_left_out(std::string_view name) const {
    return std::find(limits_.except.begin(), limits_.except.end(), name) != limits_.except.end();
  }

  const LagSettings& limits_;
  std::vector<std::string>& where_;
};

void Findings::look_at_replicas(const pg::Result& rows, const std::string& user,
                                std::vector<std::string>& warnings) {
  bool hidden = false;
  for (int row = 0; row < rows.rows(); ++row) {
    if (rows.is_null(row, 4)) {
      hidden = true;
      continue;
    }
    if (is_left_out(rows.text(row, 1)) || is_left_out(rows.text(row, 3))) continue;
    std::string name(rows.text(row, rows.is_null(row, 3) ? 1 : 3));
    if (!rows.is_null(row, 2)) name += fmt::format(" at {}", rows.text(row, 2));
    const std::string_view state = rows.text(row, 4);
    if (state == "backup") {
      warnings.push_back(
          fmt::format("{} takes a base backup, which will be slowed, and slow: wait for its end", name));
    } else if (state != "streaming") {
      where_.push_back(
          fmt::format("replica {} is not streaming (it says {}): wait until it has caught up", name, state));
    } else if (!rows.is_null(row, 5) && rows.integer(row, 5) > limits_.limit) {
      where_.push_back(
          fmt::format("replica {} is {} of WAL behind (limit {}): wait until it has caught up, or "
                      "find out what it waits for",
                      name, size_to_text(rows.integer(row, 5)), size_to_text(limits_.limit)));
    }
  }
  // What cannot be seen is not as demanded.
  if (hidden)
    where_.push_back(fmt::format("how far replicas are behind cannot be seen: grant pg_monitor to {};",
                                 pg::quote_identifier(user)));
}

void Findings::look_at_slots(const pg::Result& rows, bool heard) {
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string name(rows.text(row, 0));
    const bool active = rows.boolean(row, 2);
    if (active || is_left_out(name) || (heard && rows.boolean(row, 1))) continue;
    where_.push_back(
        fmt::format("nobody reads replication slot {}, which holds back {} of WAL and will hold all that the "
                    "migration writes: start who reads it, or select pg_drop_replication_slot('{}');",
                    name, size_to_text(rows.integer(row, 3)), name));
  }
}

}  // namespace

Preflight check_replicas(pg::Connection& connection, const Settings& settings) {
  const bool demanded = settings.window.replicas.has_value();
  const LagSettings limits = settings.window.replicas.value_or(
      settings.throttle.lag.value_or(LagSettings{ThrottleSettings{}.lag.value_or(LagSettings{}).limit, {}}));
  const std::vector<pg::Result> answers = connection.batch({{replicas_query, {}}, {slots_query, {}}});
  Preflight found;
  Findings findings(limits, demanded ? found.problems : found.warnings);
  findings.look_at_replicas(answers[0], connection.user(), found.warnings);
  findings.look_at_slots(answers[1], !demanded);
  return found;
}

}  // namespace dbtool::run
