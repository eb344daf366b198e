#include "window/fingerprint.h"

#include <fmt/format.h>

#include "pg/error.h"
#include "pg/quote.h"
#include "pg/transaction.h"

namespace dbtool::window {

namespace {

// Every major knows a part of them; the rest is left out.
const std::vector<std::string> settings_that_matter{
    "autovacuum",
    "autovacuum_max_workers",
    "autovacuum_naptime",
    "autovacuum_vacuum_cost_delay",
    "autovacuum_vacuum_cost_limit",
    "autovacuum_vacuum_scale_factor",
    "autovacuum_work_mem",
    "block_size",
    "bgwriter_delay",
    "bgwriter_lru_maxpages",
    "checkpoint_completion_target",
    "checkpoint_flush_after",
    "checkpoint_timeout",
    "commit_delay",
    "data_checksums",
    "default_statistics_target",
    "default_toast_compression",
    "effective_cache_size",
    "effective_io_concurrency",
    "full_page_writes",
    "fsync",
    "hash_mem_multiplier",
    "huge_pages",
    "io_method",
    "io_workers",
    "jit",
    "jit_above_cost",
    "maintenance_io_concurrency",
    "maintenance_work_mem",
    "max_connections",
    "max_parallel_maintenance_workers",
    "max_parallel_workers",
    "max_parallel_workers_per_gather",
    "max_replication_slots",
    "max_wal_size",
    "max_worker_processes",
    "min_wal_size",
    "random_page_cost",
    "seq_page_cost",
    "server_encoding",
    "shared_buffers",
    "shared_preload_libraries",
    "synchronous_commit",
    "synchronous_standby_names",
    "temp_buffers",
    "temp_file_limit",
    "track_io_timing",
    "wal_buffers",
    "wal_compression",
    "wal_keep_size",
    "wal_level",
    "wal_log_hints",
    "wal_segment_size",
    "wal_sync_method",
    "wal_writer_delay",
    "work_mem",
    "archive_mode",
};

std::map<std::string, std::string> pairs(const pg::Result& rows) {
  std::map<std::string, std::string> found;
  for (int row = 0; row < rows.rows(); ++row) found.emplace(rows.text(row, 0), rows.text(row, 1));
  return found;
}

// Columns of pg_database differ from major to major: by name from the row as a whole.
constexpr const char* collations_query = R"(
select 'database',
       coalesce(d ->> 'datlocale', d ->> 'daticulocale', d ->> 'datcollate')
       || ' (' || case coalesce(d ->> 'datlocprovider', 'c') when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end
       || coalesce(' ' || (d ->> 'datcollversion'), '') || ')'
  from (select to_jsonb(p) as d from pg_database p where datname = current_database()) x
union all
select collname, coalesce(c ->> 'colllocale', c ->> 'colliculocale', c ->> 'collcollate', '')
       || ' (' || case c ->> 'collprovider' when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end
       || coalesce(' ' || (c ->> 'collversion'), '') || ')'
  from (select x.collname, to_jsonb(x) as c from pg_collation x
         where exists (select from pg_attribute a join pg_class r on r.oid = a.attrelid
                                  join pg_type t on t.oid = a.atttypid
                        where a.attcollation = x.oid and a.attcollation <> t.typcollation and a.attnum > 0
                          and r.relkind in ('r', 'p', 'm')
                          and r.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace))) y)";

constexpr const char* tables_query = R"(
select case n.nspname when 'public' then '' else quote_ident(n.nspname) || '.' end || quote_ident(c.relname),
       greatest(c.reltuples, 0)::bigint, coalesce({0}, 0)::bigint, coalesce({1}, 0)::bigint,
       (select count(*) from pg_index i where i.indrelid = c.oid), coalesce(s.n_dead_tup, 0)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  left join pg_stat_all_tables s on s.relid = c.oid
 where c.relkind in ('r', 'm') and c.relpersistence <> 't'
   and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'
 order by 3 desc, 1)";

pg::Result read_tables(pg::Connection& connection) {
  try {
    pg::Transaction transaction(connection, "isolation level read committed read only",
                                {{"set local lock_timeout = '2s'"}});
    pg::Result rows =
        connection.query(fmt::format(tables_query, "pg_table_size(c.oid)", "pg_indexes_size(c.oid)"));
    transaction.rollback();
    return rows;
  } catch (const pg::PgError& error) {
    if (!error.is_lock_timeout()) throw;
  }
  // Somebody holds a table in a mode that even its size has to wait for.
  constexpr const char* block = "current_setting('block_size')::bigint";
  return connection.query(
      fmt::format(tables_query,
                  fmt::format("(c.relpages + coalesce((select t.relpages from pg_class t where t.oid = "
                              "c.reltoastrelid), 0)) * {}",
                              block),
                  fmt::format("(select sum(x.relpages) from pg_index i join pg_class x on x.oid = "
                              "i.indexrelid where i.indrelid = c.oid) * {}",
                              block)));
}

}  // namespace

std::vector<MeasuredTable> measured_tables(pg::Connection& connection) {
  const pg::Result rows = read_tables(connection);
  std::vector<MeasuredTable> tables;
  for (int row = 0; row < rows.rows(); ++row) {
    MeasuredTable table;
    table.name = std::string(rows.text(row, 0));
    table.rows = rows.integer(row, 1);
    table.bytes = rows.integer(row, 2);
    table.index_bytes = rows.integer(row, 3);
    table.indexes = static_cast<int>(rows.integer(row, 4));
    table.dead_rows = rows.integer(row, 5);
    tables.push_back(std::move(table));
  }
  return tables;
}

std::string server_started(pg::Connection& connection) {
  return std::string(
      connection
          .query(
              R"(select to_char(pg_postmaster_start_time() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))")
          .text(0, 0));
}

Environment fingerprint(pg::Connection& connection) {
  Environment environment;
  environment.host = connection.host();
  environment.database = connection.database();
  environment.server_version = connection.server_version();
  environment.server_started = server_started(connection);
  const std::vector<pg::Result> results = connection.batch({
      {R"(select to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                 pg_database_size(current_database()),
                 (select count(*) from pg_stat_replication where state is distinct from 'backup'),
                 (select case when blks_read + blks_hit > 0 then blks_hit::float8 / (blks_read + blks_hit) end
                    from pg_stat_database where datname = current_database()))"},
      {"select name, current_setting(name) from pg_settings where name = any($1::text[])",
       {pg::array_literal(settings_that_matter)}},
      {collations_query},
      {"select extname, extversion from pg_extension"},
  });
  environment.taken_at = std::string(results[0].text(0, 0));
  environment.database_bytes = results[0].integer(0, 1);
  environment.replicas = static_cast<int>(results[0].integer(0, 2));
  if (!results[0].is_null(0, 3)) environment.cache_hit_share = results[0].number(0, 3);
  environment.settings = pairs(results[1]);
  environment.collations = pairs(results[2]);
  environment.extensions = pairs(results[3]);
  environment.tables = measured_tables(connection);
  return environment;
}

}  // namespace dbtool::window
