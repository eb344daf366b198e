-- A large schema to measure `check` with: 2,000 tables of 15 columns, grants for ten service users, 1,000 functions.
-- Run it with psql in an empty database as a superuser; test/bench/check_project.py writes the project
-- directory that declares the same.
\set ON_ERROR_STOP on
set client_min_messages = warning;

do $$
begin
  for s in 0..9 loop
    if not exists (select from pg_roles where rolname = 'bench_service' || s) then
      execute format('create role %I login', 'bench_service' || s);
    end if;
    execute format('grant usage on schema public to %I', 'bench_service' || s);
  end loop;
end $$;

-- A hundred tables a transaction: two thousand at once run out of lock memory.
create procedure make_tables(first integer, last integer) language plpgsql as $procedure$
begin
  for t in first..last loop
    execute format($sql$
      create table %1$I (
        id text not null, part integer not null, c01 text, c02 text not null, c03 jsonb not null, c04 jsonb,
        c05 integer not null, c06 bigint, c07 boolean not null, c08 timestamp with time zone not null,
        c09 timestamp with time zone, c10 uuid not null, c11 numeric(10,2), c12 character varying(40), c13 text[],
        primary key (id, part))$sql$, 'bench_table_' || to_char(t, 'FM0000'));
    execute format('grant select, insert, update, delete on %I to %I', 'bench_table_' || to_char(t, 'FM0000'),
                   'bench_service' || t % 10);
    execute format('grant select on %I to %I', 'bench_table_' || to_char(t, 'FM0000'),
                   'bench_service' || (t + 1) % 10);
  end loop;
end $procedure$;

do $$
begin
  for block in 0..19 loop
    call make_tables(block * 100 + 1, block * 100 + 100);
    commit;
  end loop;
end $$;
drop procedure make_tables;

do $$
begin
  for f in 1..1000 loop
    execute format($sql$
      create function %I(id_in text, part_in integer, page_size_in integer default 10)
      returns table (id text, part integer, c03 jsonb) as %L language plpgsql$sql$,
      'bench_function_' || to_char(f, 'FM0000'),
      format($body$begin
  return query
  select t.id, t.part, t.c03
  from %1$I t
  where (id_in is null or t.id = id_in)
    and (part_in is null or t.part = part_in)
  order by t.id, t.part
  limit page_size_in;
end$body$, 'bench_table_' || to_char(f, 'FM0000')));
  end loop;
end $$;

create schema dbtool;
create table dbtool.version (version integer not null);
insert into dbtool.version values (1);
do $$
begin
  for s in 0..9 loop
    execute format('grant usage on schema dbtool to %I', 'bench_service' || s);
    execute format('grant select on dbtool.version to %I', 'bench_service' || s);
  end loop;
end $$;
analyze;
