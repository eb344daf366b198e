#include "rehearse/tables.h"

#include <algorithm>

namespace dbtool::rehearse {

namespace {

constexpr const char* tables_query = R"(
select c.oid::bigint, case n.nspname when 'public' then '' else quote_ident(n.nspname) || '.' end || quote_ident(c.relname),
       c.relfilenode::bigint, c.reltuples::bigint, coalesce(pg_table_size(c.oid), 0), coalesce(pg_indexes_size(c.oid), 0),
       coalesce(s.n_dead_tup, 0), coalesce(s.n_tup_ins, 0), coalesce(s.n_tup_upd, 0), coalesce(s.n_tup_del, 0),
       coalesce(s.seq_tup_read, 0) + coalesce(s.idx_tup_fetch, 0), coalesce(s.n_live_tup, 0)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_stat_all_tables s on s.relid = c.oid
 where c.relkind in ('r', 'm') and c.relpersistence <> 't'
   and n.nspname not in ('pg_catalog', 'information_schema', 'dbtool') and n.nspname !~ '^pg_toast')";

constexpr const char* counters_query = R"(
select d.temp_bytes, d.blks_read, d.blks_hit, (pg_current_wal_insert_lsn() - '0/0')::bigint,
       (select count(*) from pg_stat_activity a
         where a.datid = d.datid and a.usesysid is not null and a.pid <> pg_backend_pid()
           and coalesce(a.application_name, '') !~ '^dbtool'),
       pg_database_size(d.datid)
  from pg_stat_database d where d.datname = current_database())";

// A session tells what it did when it is idle, but not more often than once in half a second.
void publish_statistics(pg::Connection& connection) {
  if (connection.server_version() >= 150000) {
    connection.exec("select pg_stat_force_next_flush()");
    return;
  }
  // The end of the first wait tells it to PostgreSQL 14's collector, whose answers may be half a second old.
  for (int wait = 0; wait < 2; ++wait) connection.exec("select pg_sleep(0.6)");
}

bool is_touched(const TableState& before, const TableState& after) {
  return before.file != after.file || before.bytes != after.bytes ||
         before.index_bytes != after.index_bytes || before.inserted != after.inserted ||
         before.updated != after.updated || before.deleted != after.deleted || before.name != after.name ||
         (before.rows > 0 && after.read_by_scans - before.read_by_scans >= before.rows);
}

std::int64_t rows_after(const TableState& before, const TableState& after) {
  if (after.rows >= 0 && after.rows != before.rows) return after.rows;
  return std::max<std::int64_t>(0, std::max<std::int64_t>(before.rows, 0) +
                                       (after.inserted - before.inserted) - (after.deleted - before.deleted));
}

}  // namespace

DatabaseState read_state(pg::Connection& connection) {
  publish_statistics(connection);
  const std::vector<pg::Result> results =
      connection.batch({{tables_query, {}, true}, {counters_query, {}, true}});
  DatabaseState state;
  for (int row = 0; row < results[0].rows(); ++row) {
    const auto number = [&](int column) { return results[0].integer(row, column); };
    TableState table{std::string(results[0].text(row, 1)),
                     number(2),
                     number(3),
                     number(4),
                     number(5),
                     number(6),
                     number(7),
                     number(8),
                     number(9),
                     number(10)};
    if (table.rows < 0 && number(11) > 0) table.rows = number(11);
    state.tables.emplace(number(0), std::move(table));
  }
  const pg::Result& counted = results[1];
  if (counted.rows() > 0) {
    state.counters = {counted.integer(0, 0), counted.integer(0, 1), counted.integer(0, 2),
                      counted.integer(0, 3), counted.integer(0, 5), static_cast<int>(counted.integer(0, 4))};
  }
  return state;
}

std::int64_t read_database_bytes(pg::Connection& connection) {
  return connection.exec("select pg_database_size(current_database())").integer(0, 0);
}

std::vector<TableCost> table_costs(const DatabaseState& before, const DatabaseState& after,
                                   const std::string& walked) {
  std::vector<TableCost> costs;
  for (const auto& [oid, now] : after.tables) {
    const auto found = before.tables.find(oid);
    const TableState was = found == before.tables.end() ? TableState{} : found->second;
    if (found != before.tables.end() && now.name != walked && !is_touched(was, now)) continue;
    TableCost cost;
    cost.name = now.name;
    cost.rows_before = std::max<std::int64_t>(0, was.rows);
    cost.rows_after = rows_after(was, now);
    cost.bytes_before = was.bytes;
    cost.bytes_after = now.bytes;
    cost.index_bytes_before = was.index_bytes;
    cost.index_bytes_after = now.index_bytes;
    cost.rewritten = found != before.tables.end() && was.file != now.file && was.bytes > 0;
    cost.dead_rows = cost.rewritten ? 0 : now.dead_rows;
    costs.push_back(std::move(cost));
  }
  for (const auto& [oid, was] : before.tables) {
    if (after.tables.contains(oid)) continue;
    TableCost cost;
    cost.name = was.name;
    cost.rows_before = std::max<std::int64_t>(0, was.rows);
    cost.bytes_before = was.bytes;
    cost.index_bytes_before = was.index_bytes;
    costs.push_back(std::move(cost));
  }
  std::sort(costs.begin(), costs.end(), [](const TableCost& a, const TableCost& b) {
    const auto size = [](const TableCost& cost) { return std::max(cost.bytes_before, cost.bytes_after); };
    return size(a) != size(b) ? size(a) > size(b) : a.name < b.name;
  });
  return costs;
}

}  // namespace dbtool::rehearse
