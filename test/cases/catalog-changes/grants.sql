== a table's grant
create table t01 (a int);
-- change
grant select on t01 to ci_queue;
-- finds extra grant $db_user_prefix$_queue on table public.t01
== more of a table's grant
create table t02 (a int);
grant select on t02 to ci_queue;
-- change
grant insert, update on t02 to ci_queue;
-- finds grant $db_user_prefix$_queue on table public.t02: privileges
== a table's grant is taken back
create table t03 (a int);
grant select on t03 to ci_queue, bob;
-- change
revoke select on t03 from bob;
-- finds missing grant bob on table public.t03
== to be passed on
create table t04 (a int);
grant select on t04 to bob;
-- change
grant select on t04 to bob with grant option;
-- finds grant bob on table public.t04: privileges
== passed on
create table t05 (a int);
grant select on t05 to bob with grant option;
-- change
set role bob;
grant select on t05 to alice;
reset role;
-- finds extra grant alice on table public.t05 by bob
== to everybody
create table t06 (a int);
-- change
grant select on t06 to public;
-- finds extra grant PUBLIC on table public.t06
== the owner's own
create table t07 (a int);
-- change
revoke truncate on t07 from postgres;
-- finds extra grant $owner$ on table public.t07
== the owner's own is given again
create table t08 (a int);
revoke truncate on t08 from postgres;
-- change
grant truncate on t08 to postgres;
-- finds missing grant $owner$ on table public.t08
== a column's grant
create table t09 (a int, b int);
-- change
grant update (b) on t09 to ci_index;
-- finds extra grant $db_user_prefix$_index on column public.t09.b
== a column's grant is more
create table t10 (a int, b int);
grant update (b) on t10 to ci_index;
-- change
grant select (b) on t10 to ci_index;
-- finds grant $db_user_prefix$_index on column public.t10.b: privileges
== a sequence's grant
create sequence q11;
-- change
grant usage on sequence q11 to ci_queue;
-- finds extra grant $db_user_prefix$_queue on sequence public.q11
== a view's grant
create view v12 as select 1 as a;
-- change
grant select on v12 to ci_queue;
-- finds extra grant $db_user_prefix$_queue on view public.v12
== a function's grant
create function f13() returns int language sql as 'select 1';
-- change
grant execute on function f13() to ci_queue;
-- finds extra grant $db_user_prefix$_queue on function public.f13()
== a function is no longer everybody's
create function f14() returns int language sql as 'select 1';
-- change
revoke execute on function f14() from public;
-- finds extra grant PUBLIC on function public.f14()
== a function is everybody's again
create function f15() returns int language sql as 'select 1';
revoke execute on function f15() from public;
-- change
grant execute on function f15() to public;
-- finds missing grant PUBLIC on function public.f15()
== a procedure's grant
create procedure p16() language plpgsql as 'begin end';
-- change
grant execute on procedure p16() to bob;
-- finds extra grant bob on procedure public.p16()
== a type's grant
create type e17 as enum ('a');
-- change
revoke usage on type e17 from public;
-- finds extra grant PUBLIC on enum public.e17
== a domain's grant
create domain d18 as int;
-- change
grant usage on domain d18 to bob;
-- finds extra grant bob on domain public.d18
== a schema's grant
create schema s19;
-- change
grant usage, create on schema s19 to ci_queue;
-- finds extra grant $db_user_prefix$_queue on schema s19
== a schema's grant to others
create schema s20;
grant usage on schema s20 to bob;
-- change
revoke usage on schema s20 from bob;
-- finds missing grant bob on schema s20
== more than usage of schema public
-- change
grant create on schema public to ci_index;
-- finds extra grant $db_user_prefix$_index on schema public
== schema public is nobody's
-- change
revoke usage on schema public from public;
-- finds extra grant PUBLIC on schema public
== schema public is a stranger's
-- change
grant usage on schema public to bob;
-- finds extra grant bob on schema public
== a language's grant
-- change
grant usage on language plpgsql to bob;
-- finds extra grant bob on language plpgsql
== default privileges
-- change
alter default privileges grant select on tables to ci_queue;
-- finds extra default privileges $owner$ on tables to $db_user_prefix$_queue
== default privileges in a schema
create schema s26;
-- change
alter default privileges in schema s26 grant execute on functions to bob;
-- finds extra default privileges $owner$ in schema s26 on functions to bob
== default privileges are more
alter default privileges in schema s26 grant usage on sequences to bob;
-- change
alter default privileges in schema s26 grant usage, select on sequences to bob;
-- finds default privileges $owner$ in schema s26 on sequences to bob: privileges
== default privileges are less than usual
-- change
alter default privileges revoke execute on functions from public;
-- finds extra default privileges $owner$ on functions to PUBLIC
== default privileges of somebody else
-- change
alter default privileges for role bob grant usage on types to alice;
-- finds extra default privileges bob on types to alice
== a table's grant goes with its column's
create table t30 (a int, b int);
grant select (a), insert on t30 to bob;
-- change
drop table t30;
-- finds missing table public.t30
== the same grant again
create table t31 (a int);
grant select on t31 to ci_queue;
-- change
grant select on t31 to ci_queue;
== an owner's list that says what is usual
create table t32 (a int);
-- change
grant select on t32 to bob;
revoke select on t32 from bob;
== an identity's sequence has a grant
create table t33 (a int generated always as identity);
-- change
grant usage on sequence t33_a_seq to bob;
-- finds extra grant bob on sequence public.t33_a_seq
== a grant on the many of a range
create type r34 as range (subtype = float8);
-- change
grant usage on type r34_multirange to bob;
-- finds extra grant bob on multirange type public.r34_multirange
-- until 16
-- dump same: pg_dump leaves out what is granted on what comes with a range
== a range is made where functions are nobody's
-- change
create type r35 as range (subtype = float8);
-- finds extra range type public.r35
== a function of a range is nobody's
create type r36 as range (subtype = float8);
alter function r36(float8, float8) owner to postgres;
-- change
revoke execute on function r36(float8, float8) from public;
-- finds extra grant PUBLIC on function public.r36(double precision, double precision)
-- dump same: pg_dump leaves out what is granted on what comes with a range
