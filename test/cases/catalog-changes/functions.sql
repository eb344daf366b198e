== a function is made
-- change
create function f01(a int, b text default 'x', out c int) language sql as 'select 1';
-- finds extra function public.f01(integer, text)
== a function is dropped with what calls it
create table t02 (a int);
create function f02() returns trigger language plpgsql as 'begin return new; end';
create trigger tr02 before insert on t02 for each row execute function f02();
grant execute on function f02() to ci_queue;
-- change
drop function f02 cascade;
-- finds missing function public.f02()
== the body
create function f03() returns int language sql as 'select 1';
-- change
create or replace function f03() returns int language sql as 'select 2';
-- finds function public.f03(): body
== white space in the body
create function f04() returns int language sql as 'select 1';
-- change
create or replace function f04() returns int language sql as ' select 1';
-- finds function public.f04(): body
== a long body
create function f05() returns int language plpgsql as $$begin return 1; /* ################################################################################################################################################################################################################################################################################################################################################################################################ */ end$$;
-- change
create or replace function f05() returns int language plpgsql as $$begin return 1; /* ###############################################################################################################################################################################################################################################################################################################################################################################################! */ end$$;
-- finds function public.f05(): body
== a standard body
create function f06(a int) returns int language sql return a + 1;
-- change
create or replace function f06(a int) returns int language sql return a + 2;
-- finds function public.f06(integer): definition
== a default
create function f07(a int default 1) returns int language sql as 'select 1';
-- change
create or replace function f07(a int default 2) returns int language sql as 'select 1';
-- finds function public.f07(integer): arguments
== an argument's name
create function f08(a int) returns int language sql as 'select 1';
-- change
drop function f08(int);
create function f08(b int) returns int language sql as 'select 1';
-- finds function public.f08(integer): arguments
== an argument's type
create function f09(a int) returns int language sql as 'select 1';
-- change
drop function f09(int);
create function f09(a bigint) returns int language sql as 'select 1';
-- finds missing function public.f09(integer)
-- finds extra function public.f09(bigint)
== what it returns
create function f10() returns int language sql as 'select 1';
-- change
drop function f10();
create function f10() returns setof int language sql as 'select 1';
-- finds function public.f10(): returns
== it returns a table of other columns
create function f11() returns table (a int, b int) language sql as 'select 1, 2';
-- change
drop function f11();
create function f11() returns table (a int, c int) language sql as 'select 1, 2';
-- finds function public.f11(): returns
== the language
create function f12() returns int language sql as 'select 1';
-- change
create or replace function f12() returns int language plpgsql as 'begin return 1; end';
-- finds function public.f12(): body
-- finds function public.f12(): language
== volatility
create function f13() returns int language sql as 'select 1';
-- change
alter function f13() stable;
-- finds function public.f13(): volatility
== immutable
create function f14() returns int language sql stable as 'select 1';
-- change
alter function f14() immutable;
-- finds function public.f14(): volatility
== security
create function f15() returns int language sql as 'select 1';
-- change
alter function f15() security definer;
-- finds function public.f15(): security
== strict
create function f16(a int) returns int language sql as 'select 1';
-- change
alter function f16(int) strict;
-- finds function public.f16(integer): strict
== leakproof
create function f17() returns int language sql as 'select 1';
-- change
alter function f17() leakproof;
-- finds function public.f17(): leakproof
== parallel
create function f18() returns int language sql as 'select 1';
-- change
alter function f18() parallel safe;
-- finds function public.f18(): parallel
== cost
create function f19() returns int language sql as 'select 1';
-- change
alter function f19() cost 5000;
-- finds function public.f19(): cost
== rows
create function f20() returns setof int language sql as 'select 1';
-- change
alter function f20() rows 5;
-- finds function public.f20(): rows
== support
create function f21(int, int) returns setof int language internal strict as 'generate_series_int4';
-- change
alter function f21(int, int) support generate_series_int4_support;
-- finds function public.f21(integer, integer): support
== configuration
create function f22() returns int language sql as 'select 1';
-- change
alter function f22() set search_path = public, pg_temp;
-- finds function public.f22(): configuration
== configuration is reset
create function f23() returns int language sql set work_mem = '10MB' as 'select 1';
-- change
alter function f23() reset work_mem;
-- finds function public.f23(): configuration
== a function's owner
create function f24() returns int language sql as 'select 1';
-- change
alter function f24() owner to bob;
-- finds function public.f24(): owner
== a function's comment
create function f25() returns int language sql as 'select 1';
-- change
comment on function f25() is 'x';
-- finds function public.f25(): comment
== a function moves
create schema s26;
create function f26() returns int language sql as 'select 1';
-- change
alter function f26() set schema s26;
-- finds missing function public.f26()
-- finds extra function s26.f26()
== the same function again
create function f27() returns int language sql as 'select 1';
-- change
create or replace function f27() returns int language sql as 'select 1';
== a procedure is made
-- change
create procedure p28(inout a int) language plpgsql as 'begin end';
-- finds extra procedure public.p28(integer)
== a procedure's body
create procedure p29() language plpgsql as 'begin end';
-- change
create or replace procedure p29() language plpgsql as 'begin null; end';
-- finds procedure public.p29(): body
== a window function
-- change
create function f30() returns bigint language internal window immutable strict as 'window_row_number';
-- finds extra function public.f30()
== an aggregate is made
-- change
create aggregate a31(int) (sfunc = int4pl, stype = int, initcond = '0');
-- finds extra aggregate public.a31(integer)
== an aggregate starts elsewhere
create aggregate a32(int) (sfunc = int4pl, stype = int, initcond = '0');
-- change
create or replace aggregate a32(int) (sfunc = int4pl, stype = int, initcond = '1');
-- finds aggregate public.a32(integer): initial value
== an aggregate's function
create aggregate a33(int) (sfunc = int4pl, stype = int, initcond = '0');
-- change
create or replace aggregate a33(int) (sfunc = int4mul, stype = int, initcond = '0');
-- finds aggregate public.a33(integer): transition function
== an aggregate can be parallel
create aggregate a34(int) (sfunc = int4pl, stype = int, initcond = '0');
-- change
create or replace aggregate a34(int) (sfunc = int4pl, stype = int, initcond = '0', combinefunc = int4pl, parallel = safe);
-- finds aggregate public.a34(integer): combine function
-- finds aggregate public.a34(integer): parallel
== an aggregate's owner and comment
create aggregate a35(int) (sfunc = int4pl, stype = int, initcond = '0');
-- change
comment on aggregate a35(int) is 'x';
-- finds aggregate public.a35(integer): comment
== a trigger is made
create table t36 (a int);
create function f36() returns trigger language plpgsql as 'begin return new; end';
-- change
create trigger tr36 after update of a on t36 for each row when (old.a <> new.a) execute function f36();
-- finds extra trigger public.t36.tr36
== a trigger is dropped
create table t37 (a int);
create trigger tr37 before insert on t37 for each row execute function f36();
-- change
drop trigger tr37 on t37;
-- finds missing trigger public.t37.tr37
== a trigger at another time
create table t38 (a int);
create trigger tr38 before insert on t38 for each row execute function f36();
-- change
create or replace trigger tr38 before insert or update on t38 for each row execute function f36();
-- finds trigger public.t38.tr38: definition
== a trigger is off
create table t39 (a int);
create trigger tr39 before insert on t39 for each row execute function f36();
-- change
alter table t39 disable trigger tr39;
-- finds trigger public.t39.tr39: enabled
== a trigger fires always
create table t40 (a int);
create trigger tr40 before insert on t40 for each row execute function f36();
-- change
alter table t40 enable always trigger tr40;
-- finds trigger public.t40.tr40: enabled
== a trigger is renamed
create table t41 (a int);
create trigger tr41 before insert on t41 for each row execute function f36();
-- change
alter trigger tr41 on t41 rename to tr41_new;
-- finds renamed trigger public.t41.tr41 to public.t41.tr41_new
== a trigger's comment
create table t42 (a int);
create trigger tr42 before insert on t42 for each row execute function f36();
-- change
comment on trigger tr42 on t42 is 'x';
-- finds trigger public.t42.tr42: comment
== a trigger's arguments
create table t43 (a int);
create trigger tr43 before insert on t43 for each row execute function f36('a');
-- change
create or replace trigger tr43 before insert on t43 for each row execute function f36('b');
-- finds trigger public.t43.tr43: definition
== a constraint trigger
create table t44 (a int);
-- change
create constraint trigger tr44 after insert on t44 deferrable initially deferred for each row execute function f36();
-- finds extra trigger public.t44.tr44
== an event trigger is made
create function f45() returns event_trigger language plpgsql as 'begin end';
-- change
create event trigger e45 on ddl_command_end when tag in ('DROP TABLE') execute function f45();
alter event trigger e45 disable;
-- finds extra event trigger e45
== an event trigger is for replicas
-- change
alter event trigger e45 enable replica;
-- finds event trigger e45: enabled
== an event trigger for other commands
-- change
drop event trigger e45;
create event trigger e45 on ddl_command_end when tag in ('CREATE TABLE', 'DROP TABLE') execute function f45();
-- finds event trigger e45: enabled
-- finds event trigger e45: tags
== an event trigger's comment
-- change
comment on event trigger e45 is 'x';
-- finds event trigger e45: comment
== a rule is made
create table t49 (a int);
-- change
create rule r49 as on insert to t49 do also nothing;
-- finds extra rule public.t49.r49
== a rule says otherwise
create table t50 (a int);
create rule r50 as on delete to t50 do instead nothing;
-- change
create or replace rule r50 as on delete to t50 where old.a = 1 do instead nothing;
-- finds rule public.t50.r50: definition
== a rule is off
create table t51 (a int);
create rule r51 as on delete to t51 do instead nothing;
-- change
alter table t51 disable rule r51;
-- finds rule public.t51.r51: enabled
== a policy is made
create table t52 (a int);
-- change
create policy p52 on t52 for select to ci_queue using (a > 1);
-- finds extra policy public.t52.p52
== a policy for others
create table t53 (a int);
create policy p53 on t53 to ci_queue using (true);
-- change
alter policy p53 on t53 to ci_queue, bob;
-- finds policy public.t53.p53: roles
== a policy shows other rows
create table t54 (a int);
create policy p54 on t54 using (a > 1);
-- change
alter policy p54 on t54 using (a > 2);
-- finds policy public.t54.p54: using
== a policy takes other rows
create table t55 (a int);
create policy p55 on t55 using (a > 1) with check (a > 1);
-- change
alter policy p55 on t55 with check (a > 2);
-- finds policy public.t55.p55: check
== a policy restricts
create table t56 (a int);
create policy p56 on t56 using (a > 1);
-- change
drop policy p56 on t56;
create policy p56 on t56 as restrictive using (a > 1);
-- finds policy public.t56.p56: restrictive
== a policy for another command
create table t57 (a int);
create policy p57 on t57 for select using (a > 1);
-- change
drop policy p57 on t57;
create policy p57 on t57 for delete using (a > 1);
-- finds policy public.t57.p57: command
== a policy's comment
create table t58 (a int);
create policy p58 on t58 using (a > 1);
-- change
comment on policy p58 on t58 is 'x';
-- finds policy public.t58.p58: comment
== a transform
create function f59(internal) returns internal language internal immutable strict as 'textin';
-- change
create transform for int language plpgsql (from sql with function f59(internal));
-- finds extra transform integer in plpgsql
== another function of the same name
create function f60(int) returns int language sql as 'select 1';
-- change
create function f60(text) returns int language sql as 'select 1';
-- finds extra function public.f60(text)
== the order of settings
create function f61() returns int language sql set work_mem = '10MB' set lock_timeout = '1s' as 'select 1';
-- change
alter function f61() set work_mem = '20MB';
-- finds function public.f61(): configuration
== a function goes with an extension
create extension citext;
create function f62() returns int language sql as 'select 1';
-- change
alter function f62() depends on extension citext;
-- finds function public.f62(): depends on extensions
== a procedure goes with an extension
create procedure p63() language sql as 'select 1';
-- change
alter procedure p63() depends on extension citext;
-- finds procedure public.p63(): depends on extensions
== a trigger goes with an extension
create table t64 (a int);
create trigger t64_t before insert on t64 for each row execute function suppress_redundant_updates_trigger();
-- change
alter trigger t64_t on t64 depends on extension citext;
-- finds trigger public.t64.t64_t: depends on extensions
