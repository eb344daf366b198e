-- A column of every type, alone and in arrays.
create type mood as enum ('sad', 'it''s ok', 'happy');
create type place as (street text, number integer, at point, moods mood[]);
create domain positive as integer check (value > 0);
create domain small_positive as positive check (value < 10) not null;
create domain slug as text check (value ~ '^[a-z][a-z0-9-]{2,19}$');
create domain slugs as slug[] check (cardinality(value) between 1 and 3);
create domain percent as numeric(5, 2) check (value >= 0 and value <= 100);
create type text_range as range (subtype = text, collation = "C");
create type span as range (subtype = interval, multirange_type_name = spans);

create table numbers (
  a smallint not null, b integer not null, c bigint not null, d real not null, e double precision not null,
  f numeric not null, g numeric(8, 3) not null, h numeric(2, 2) not null, i numeric(3, 0) not null,
  j money not null, k oid not null, l xid not null, m xid8 not null, n cid not null, o boolean not null,
  p bit(5) not null, q bit varying(9) not null, r bit not null, s tid not null
);
do $$
begin
  -- PostgreSQL 14 knows no scale below zero.
  if current_setting('server_version_num')::integer >= 150000 then
    alter table numbers alter i type numeric(3, -2);
  end if;
end $$;
create table texts (
  a text not null, b varchar(3) not null, c char(7) not null, d name not null, e "char" not null, f bytea not null,
  g json not null, h jsonb not null, i jsonpath not null, j tsvector not null, k tsquery not null,
  l uuid not null, m varchar not null, n char not null, o text collate "C" not null
);
create table moments (
  a date not null, b time not null, c timetz not null, d timestamp not null, e timestamptz not null,
  f interval not null, g timestamp(0) not null, h interval day to second (3) not null, i time(2) not null
);
create table nets_and_shapes (
  a inet not null, b cidr not null, c macaddr not null, d macaddr8 not null, e pg_lsn not null,
  f point not null, g line not null, h lseg not null, i box not null, j path not null, k polygon not null,
  l circle not null, m pg_snapshot not null
);
create table names_of_the_catalog (
  a regclass not null, b regtype not null, c regproc not null, d regprocedure not null, e regrole not null,
  f regnamespace not null, g regconfig not null, h regdictionary not null, i regoper not null,
  j regoperator not null, k regcollation not null, l int2vector not null, m oidvector not null
);
create table ranges (
  a int4range not null, b int8range not null, c numrange not null, d daterange not null, e tsrange not null,
  f tstzrange not null, g int4multirange not null, h nummultirange not null, i datemultirange not null,
  j text_range not null, k span not null, l spans not null, m tstzmultirange not null
);
create table users_types (
  a mood not null, b place not null, c positive not null, d small_positive, e slug not null, f slugs not null,
  g percent not null, h place[] not null, i positive[] not null, j mood[] not null
);
create table arrays (
  a integer[] not null, b text[] not null, c varchar(3)[] not null, d jsonb[] not null, e timestamptz[] not null,
  f numeric(4, 1)[] not null, g bytea[] not null, h uuid[][] not null, i int4range[] not null, j boolean[] not null
);
create table nothing_but_nulls (a integer, b mood, c place, d jsonb, e slug);
create table without_columns ();
create table of_rows (one numbers not null, many moments[] not null);
