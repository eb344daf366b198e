== a table is dropped with all that it has
create table t01 (id serial primary key, a text not null default 'x', b int references t01 (id), check (b > 0));
create index on t01 (a);
comment on table t01 is 'one';
comment on column t01.a is 'one';
grant select on t01 to ci_queue;
create function f01() returns trigger language plpgsql as 'begin return new; end';
create trigger tr01 before insert on t01 for each row execute function f01();
alter table t01 enable row level security;
create policy p01 on t01 using (true);
create statistics s01 on a, b from t01;
create rule r01 as on delete to t01 do instead nothing;
-- change
drop table t01;
-- finds missing table public.t01
== a table is made
-- change
create table t02 (id bigint generated always as identity primary key, a text unique);
-- finds extra table public.t02
== a table that others use is dropped
create table t03 (id int primary key);
create table t03_child (id int references t03);
create view v03 as select id from t03;
create view w03 as select id from v03;
-- change
drop table t03 cascade;
-- finds missing table public.t03
== a table is renamed
create table t04 (id serial primary key, a text);
create index t04_a on t04 (a);
create table t04_child (id int references t04);
create view v04 as select id as n from t04_child;
-- change
alter table t04 rename to t04_new;
-- finds renamed table public.t04 to public.t04_new
== a table moves to another schema
create schema s05;
create table t05 (id int primary key);
-- change
alter table t05 set schema s05;
-- finds missing table public.t05
-- finds extra table s05.t05
== a table becomes unlogged
create table t06 (a int);
-- change
alter table t06 set unlogged;
-- finds table public.t06: persistence
== a fill factor
create table t07 (a int);
-- change
alter table t07 set (fillfactor = 70);
-- finds table public.t07: options
== an option is reset
create table t08 (a int) with (autovacuum_enabled = off, fillfactor = 90);
-- change
alter table t08 reset (autovacuum_enabled);
-- finds table public.t08: options
== an option of the table's toast
create table t09 (a text);
-- change
alter table t09 set (toast.autovacuum_enabled = off);
-- finds table public.t09: toast options
== replica identity full
create table t10 (a int);
-- change
alter table t10 replica identity full;
-- finds table public.t10: replica identity
== replica identity nothing
create table t11 (a int);
-- change
alter table t11 replica identity nothing;
-- finds table public.t11: replica identity
== replica identity by an index
create table t12 (a int not null);
create unique index t12_a on t12 (a);
-- change
alter table t12 replica identity using index t12_a;
-- finds index public.t12_a: replica identity
== replica identity by a constraint
create table t13 (a int not null, constraint t13_key unique (a));
-- change
alter table t13 replica identity using index t13_key;
-- finds constraint public.t13.t13_key: replica identity
== clustered on an index
create table t14 (a int);
create index t14_a on t14 (a);
-- change
alter table t14 cluster on t14_a;
-- finds index public.t14_a: clustered
== clustered on its key
create table t15 (a int primary key);
-- change
alter table t15 cluster on t15_pkey;
-- finds constraint public.t15.t15_pkey: clustered
== the owner
create table t16 (a int);
-- change
alter table t16 owner to bob;
-- finds table public.t16: owner
== the owner of a table with a sequence and grants
create table t17 (id serial primary key);
grant select on t17 to ci_queue, ci_index;
-- change
alter table t17 owner to alice;
-- finds sequence public.t17_id_seq: owner
-- finds table public.t17: owner
== a comment is written
create table t18 (a int);
-- change
comment on table t18 is 'it''s "new"';
-- finds table public.t18: comment
== a comment is changed
create table t19 (a int);
comment on table t19 is 'old';
-- change
comment on table t19 is 'new';
-- finds table public.t19: comment
== a comment is removed
create table t20 (a int);
comment on table t20 is 'old';
-- change
comment on table t20 is null;
-- finds table public.t20: comment
== it inherits
create table t21_parent (a int, check (a > 0));
create table t21 (a int, constraint t21_parent_a_check check (a > 0));
-- change
alter table t21 inherit t21_parent;
-- finds column public.t21.a: declared
-- finds constraint public.t21.t21_parent_a_check: declared
-- finds table public.t21: inherits
== it no longer inherits
create table t22_parent (a int);
create table t22 () inherits (t22_parent);
-- change
alter table t22 no inherit t22_parent;
-- finds table public.t22: inherits
== a column of a parent and its heirs
create table t23_parent (a int);
create table t23 (b int) inherits (t23_parent);
-- change
alter table t23_parent add column c text not null default 'c';
-- finds extra column public.t23_parent.c
== of a type
create type ty24 as (a int, b text);
create table t24 (a int, b text);
-- change
alter table t24 of ty24;
-- finds table public.t24: of type
== no longer of a type
create type ty25 as (a int);
create table t25 of ty25;
-- change
alter table t25 not of;
-- finds table public.t25: of type
== row security on
create table t26 (a int);
-- change
alter table t26 enable row level security;
-- finds table public.t26: row security
== row security forced
create table t27 (a int);
alter table t27 enable row level security;
-- change
alter table t27 force row level security;
-- finds table public.t27: row security
== row security forced, not enabled
create table t28 (a int);
-- change
alter table t28 force row level security;
-- finds table public.t28: row security
== a rewrite and an analysis change nothing
create table t29 (a int primary key, b text);
insert into t29 select g, g from generate_series(1, 1000) g;
-- change
vacuum full analyze t29;
== rows change nothing
create table t30 (id serial, a int);
-- change
insert into t30 (a) select g from generate_series(1, 100) g;
== a trial that is taken back changes nothing
create table t31 (a int);
-- change
alter table t31 add column b int;
alter table t31 drop column b;
== names that need quotes
create schema "Odd schema";
create table "Odd schema"."A ""table"", so" ("a ""column"", so" int, "Ünïcode 表" text);
create table "select" ("from" int);
-- change
drop table "select";
alter table "Odd schema"."A ""table"", so" alter "Ünïcode 表" set default 'ä';
-- finds column "Odd schema"."A ""table"", so"."Ünïcode 表": default
-- finds missing table public."select"
== a schema is renamed with all in it
create schema s33;
create table s33.t (id serial primary key, a text);
create view s33.v as select * from s33.t;
create function s33.f(s33.t) returns int language sql return 1;
create type s33.mood as enum ('a');
grant usage on schema s33 to ci_queue;
-- change
alter schema s33 rename to s33_new;
-- finds missing schema s33
-- finds extra schema s33_new
== a schema is made
-- change
create schema s34;
-- finds extra schema s34
== a schema's owner
create schema s35;
-- change
alter schema s35 owner to bob;
-- finds schema s35: owner
== a schema's comment
create schema s36;
-- change
comment on schema s36 is 'x';
-- finds schema s36: comment
== a comment on schema public
-- change
comment on schema public is 'ours';
-- finds schema public: comment
== an access method
create access method heap38 type table handler heap_tableam_handler;
-- change
create table t38 (a int) using heap38;
-- finds extra table public.t38
== a temporary table is nobody's
-- change
create temporary table t39 (a int primary key);
== options in another order
create table t60 (a int) with (fillfactor = 80, autovacuum_enabled = true);
-- change
alter table t60 set (fillfactor = 80);
-- read same: their order means nothing
