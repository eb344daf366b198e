#pragma once

/// What the benchmark makes in its schema and runs there. Times are taken on the server, so that no network
/// is in them.
namespace dbtool::environment {

/// Rows of `items` that one fill adds, about 4 MB.
inline constexpr int rows_a_fill = 6000;
inline constexpr int fills = 6;
inline constexpr int key_rows = 50'000;

/// Autovacuum is kept away: when it comes by is chance.
inline constexpr const char* make_tables = R"(
create table items (id integer not null, key text not null, value jsonb not null)
  with (autovacuum_enabled = off, toast.autovacuum_enabled = off);
create table written (like items) with (autovacuum_enabled = off, toast.autovacuum_enabled = off);
create table keys (key text not null) with (autovacuum_enabled = off, toast.autovacuum_enabled = off);
create table commits (n integer not null) with (autovacuum_enabled = off);

-- Runs and commits a statement: milliseconds.
create procedure timed(statement text, inout milliseconds double precision) language plpgsql as $$
declare
  began timestamptz := clock_timestamp();
begin
  execute statement;
  commit;
  milliseconds := extract(epoch from clock_timestamp() - began) * 1000;
end $$;

-- Runs, explains and commits a statement: milliseconds, and its own write-ahead log.
create procedure timed_with_wal(statement text, inout milliseconds double precision, inout wal_bytes bigint) language plpgsql as $$
declare
  began timestamptz := clock_timestamp();
  plan json;
begin
  execute 'explain (analyze, wal, timing off, format json) ' || statement into plan;
  commit;
  milliseconds := extract(epoch from clock_timestamp() - began) * 1000;
  wal_bytes := (plan -> 0 -> 'Plan' ->> 'WAL Bytes')::bigint;
end $$;

-- Commits a row at a time for a third of a second, a hundred at most: milliseconds a commit.
create procedure commit_rows(inout milliseconds double precision) language plpgsql as $$
declare
  began timestamptz := clock_timestamp();
  done integer := 0;
begin
  loop
    insert into commits values (done);
    commit;
    done := done + 1;
    exit when done = 100 or clock_timestamp() > began + interval '300 milliseconds';
  end loop;
  milliseconds := extract(epoch from clock_timestamp() - began) * 1000 / done;
end $$;

-- What a function of a migration does with a row: takes values out of JSON, one by one.
create function walk(rows_in integer, passes_in integer) returns bigint language plpgsql as $$
declare
  item record;
  total bigint := 0;
begin
  for pass in 1 .. passes_in loop
    for item in select id, value from items where id <= rows_in loop
      total := total + (item.value ->> 'n')::integer;
      if item.value ->> 'state' = 'pending' and length(item.value ->> 'owner') = 32 then
        total := total + (item.value -> 'runs' -> 0 ->> 'id')::integer;
      end if;
    end loop;
  end loop;
  return total;
end $$)";

/// $1, $2: first and last row.
inline constexpr const char* fill_items = R"(
insert into items
select i, digest,
       jsonb_build_object('n', i, 'state', 'pending', 'owner', digest, 'runs', jsonb_build_array(
         jsonb_build_object('id', 7)), 'created', '2026-01-01T00:00:00Z', 'payload', repeat(digest, 13))
  from generate_series($1::integer, $2::integer) i,
       lateral (select left(encode(sha256(i::text::bytea), 'hex'), 32) as digest) d)";

/// $1: how many.
inline constexpr const char* fill_keys =
    "insert into keys select left(encode(sha256(i::text::bytea), 'hex'), 32) from generate_series(1, "
    "$1::integer) i";

}  // namespace dbtool::environment
