#include <fmt/format.h>

#include "online/throttle/signals.h"
#include "pg/quote.h"

namespace dbtool::online {

namespace {

// Autovacuum workers have no user, and hold this lock on what they vacuum. One that finds a table so old runs
// against wraparound, and does not give way. All of that is visible without any right.
constexpr const char* vacuum_query = R"(
with touched as (
  select t.oid::regclass as name, c.oid, c.relfrozenxid, c.relminmxid,
         (select min(option_value::bigint) from pg_options_to_table(t.reloptions)
           where option_name = 'autovacuum_freeze_max_age') as own_age,
         (select min(option_value::bigint) from pg_options_to_table(t.reloptions)
           where option_name = 'autovacuum_multixact_freeze_max_age') as own_multixact_age
    from pg_class t join pg_class c on c.oid in (t.oid, t.reltoastrelid)
   where t.oid in (select to_regclass(name) from unnest($1::text[]) as names(name)))
select a.pid, w.name
  from touched w
  join pg_locks l on l.locktype = 'relation' and l.relation = w.oid and l.granted
                 and l.database = (select oid from pg_database where datname = current_database())
                 and l.mode = 'ShareUpdateExclusiveLock'
  join pg_stat_get_activity(null) a on a.pid = l.pid and a.usesysid is null
 where age(w.relfrozenxid) > least(own_age, current_setting('autovacuum_freeze_max_age')::bigint)
    or mxid_age(w.relminmxid) > least(own_multixact_age,
                                      current_setting('autovacuum_multixact_freeze_max_age')::bigint)
 limit 1)";

}  // namespace

Signal watch_vacuum(const std::string& table) {
  // Batches by functions have no walked table: until the first of them has run, nothing is known to be
  // touched.
  const auto tables_of = [table](const Moment& moment) {
    std::vector<std::string> tables = moment.tables;
    if (!table.empty()) tables.push_back(table);
    return tables;
  };
  Signal::Together way;
  way.ask = [tables_of](const Moment& moment) {
    return pg::Statement{vacuum_query, {pg::array_literal(tables_of(moment))}};
  };
  way.judge = [tables_of](const pg::Result& result, const Moment& moment) {
    if (tables_of(moment).empty()) return Answer{};
    if (result.rows() == 0) return Answer{{{"vacuum", 0, "no autovacuum against wraparound", true}}, {}};
    const std::string text =
        fmt::format("autovacuum to prevent wraparound on {}, pid {}", result.text(0, 1), result.text(0, 0));
    return Answer{{{"vacuum", 1, text, true}}, {}};
  };
  Signal signal{"vacuum", std::move(way)};
  signal.hard = true;
  signal.every =
      std::chrono::seconds(2);  // such a vacuum takes minutes, and looking at all locks costs a little
  return signal;
}

}  // namespace dbtool::online
