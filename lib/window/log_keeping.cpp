#include "window/log_keeping.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/size.h"

namespace dbtool::window {

namespace {

/// A reader that is so far behind is not only on its way.
constexpr std::int64_t lagging = 200 << 20;

constexpr const char* keeping_query = R"(
select greatest(pg_size_bytes(current_setting('max_wal_size')), pg_size_bytes(current_setting('wal_keep_size'))),
       case when current_setting('max_slot_wal_keep_size') <> '-1' then pg_size_bytes(current_setting('max_slot_wal_keep_size')) end,
       current_setting('archive_mode') <> 'off' and a.last_failed_time > coalesce(a.last_archived_time, '-infinity'),
       coalesce(a.last_failed_wal, ''),
       a.last_failed_time > coalesce(a.last_archived_time, '-infinity') + interval '10 minutes', has_function_privilege('pg_catalog.pg_ls_waldir()', 'execute')
  from pg_stat_archiver a)";

// One that was given up holds nothing any more.
constexpr const char* slots_query = R"(
select slot_name, slot_type = 'logical', active,
       pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn)::bigint
  from pg_replication_slots
 where restart_lsn is not null and wal_status is distinct from 'lost'
 order by slot_name)";

void add_slot(LogKeeping& log, const std::string& name, bool logical, bool active, std::int64_t behind) {
  const std::string size = size_to_text(behind);
  if (!active) {
    log.slots_hold = true;
    log.reasons.push_back(fmt::format("slot {}, which nobody reads, holds all log, {} so far", name, size));
  } else if (logical) {
    log.decodes = true;
    log.reasons.push_back(fmt::format("logical slot {} holds the log of a transaction until its end", name));
  } else if (behind > lagging) {
    log.may_hold = true;
    log.reasons.push_back(fmt::format("the reader of slot {} is {} behind", name, size));
  }
}

}  // namespace

LogKeeping read_log_keeping(pg::Connection& connection) {
  LogKeeping log;
  const std::vector<pg::Result> results = connection.batch({{keeping_query}, {slots_query}});
  const pg::Result& row = results[0];
  log.keeps = row.integer(0, 0);
  if (!row.is_null(0, 1)) log.slot_limit = row.integer(0, 1);
  if (!row.is_null(0, 2) && row.boolean(0, 2)) {
    // One that fails now and then catches up.
    (row.boolean(0, 4) ? log.archive_holds : log.may_hold) = true;
    log.reasons.push_back(fmt::format("archiving fails (last {}) and holds all log", row.text(0, 3)));
  }
  const pg::Result& slots = results[1];
  for (int slot = 0; slot < slots.rows(); ++slot)
    add_slot(log, std::string(slots.text(slot, 0)), slots.boolean(slot, 1), slots.boolean(slot, 2),
             std::max<std::int64_t>(0, slots.integer(slot, 3)));
  // In a statement of its own: the right is asked for even where the function is not called.
  if (row.boolean(0, 5))
    log.present = connection.query("select coalesce(sum(size), 0)::bigint from pg_ls_waldir()").integer(0, 0);
  return log;
}

}  // namespace dbtool::window
