#pragma once

/// What a look asks the server. $1 is the backend that is looked at.
namespace dbtool::window {

// In a container the server's own address is the loopback's, too: whose process it is, the process must tell.
inline constexpr const char* backend_query = R"(
select (pg_current_wal_insert_lsn() - '0/0')::bigint, left(a.query, 400),
       case when a.state = 'active' then coalesce(a.wait_event_type || ':' || a.wait_event, '')
            when a.state is null then '' else 'Client:' || a.state end,
       extract(epoch from a.backend_start),
       coalesce(host(inet_server_addr()) in ('127.0.0.1', '::1'), true),
       (select string_agg(w.key, ' ')
          from (select 'x' || s.backend_xid as key from pg_stat_activity s
                 where s.backend_xid is not null and s.pid not in ($1, pg_backend_pid())
                union
                select 'v' || v.pid from pg_stat_progress_vacuum v where v.pid <> $1
                union
                select 'i' || i.pid from pg_stat_progress_create_index i where i.pid <> $1) w),
       a.state <> 'idle', coalesce(a.application_name, '')
  from (select $1::int as pid) x left join pg_stat_activity a on a.pid = x.pid)";

inline constexpr const char* reported_wal_query = "select wal_bytes::bigint, stats_reset from pg_stat_wal";

// Whom each waiting session waits for is asked only where one waits: it stops all who take locks for a
// moment.
inline constexpr const char* waiting_query = R"(
select case when exists (select from pg_locks where not granted)
            then (select count(*)
                    from (select distinct l.pid from pg_locks l where not l.granted and l.pid <> $1) w
                   where $1::int = any (pg_blocking_pids(w.pid)))
            else 0 end)";

inline constexpr const char* locks_query = R"(
select distinct case n.nspname when 'public' then '' else quote_ident(n.nspname) || '.' end || quote_ident(c.relname),
       l.mode
  from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
 where l.pid = $1 and l.locktype = 'relation' and l.granted
   and l.database = (select oid from pg_database where datname = current_database())
   and l.mode in ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                  'AccessExclusiveLock')
   and c.oid >= 16384 and c.relkind in ('r', 'p', 'm', 'f', 'v') and n.nspname <> 'dbtool'
 order by 1, 2)";

// A build of an index counts in another unit in each of its phases, and in none while it sorts.
inline constexpr const char* progress_query = R"(
select lower(command), phase,
       case when phase ~ 'scanning' then blocks_done when phase ~ 'loading tuples' then tuples_done
            when phase ~ '^waiting' then lockers_done else 0 end,
       case when phase ~ 'scanning' then blocks_total when phase ~ 'loading tuples' then tuples_total
            when phase ~ '^waiting' then lockers_total else 0 end
  from pg_stat_progress_create_index where pid = $1
union all
select lower(command), phase,
       case when phase ~ '^seq scanning' then heap_blks_scanned when phase ~ 'writing' then heap_tuples_written
            else 0 end,
       case when phase ~ '^seq scanning' then heap_blks_total when phase ~ 'writing' then heap_tuples_scanned
            else 0 end
  from pg_stat_progress_cluster where pid = $1
union all
select lower(command), lower(type), bytes_processed, bytes_total from pg_stat_progress_copy where pid = $1)";

inline constexpr const char* size_query = "select pg_database_size(current_database())";

}  // namespace dbtool::window
