== a view is made
create table t01 (a int, b text);
-- change
create view v01 as select * from t01;
-- finds extra view public.v01
== a view is dropped with the views of it
create view v02 as select a from t01;
create view v02_more as select a from v02;
-- change
drop view v02 cascade;
-- finds missing view public.v02
== a view shows something else
create view v03 as select a from t01;
-- change
create or replace view v03 as select a + 1 as a from t01;
-- finds view public.v03: definition
== a view shows more
create view v04 as select a from t01;
-- change
create or replace view v04 as select a, b from t01;
-- finds view public.v04: definition
== a view's column is renamed
create view v05 as select a from t01;
-- change
alter view v05 rename column a to z;
-- finds view public.v05: definition
== a view's options
create view v06 as select a from t01;
-- change
alter view v06 set (security_barrier = true);
-- finds view public.v06: options
== a view checks
create view v07 as select a from t01 where a > 0;
-- change
create or replace view v07 as select a from t01 where a > 0 with local check option;
-- finds view public.v07: options
== a view's owner
create view v08 as select a from t01;
-- change
alter view v08 owner to bob;
-- finds view public.v08: owner
== a view's comment
create view v09 as select a from t01;
-- change
comment on view v09 is 'x';
-- finds view public.v09: comment
== a view's rule
create view v10 as select a from t01;
-- change
create rule r10 as on insert to v10 do instead insert into t01 values (new.a);
-- finds extra rule public.v10.r10
== a view's trigger
create view v11 as select a from t01;
create function f11() returns trigger language plpgsql as 'begin return new; end';
-- change
create trigger tr11 instead of insert on v11 for each row execute function f11();
-- finds extra trigger public.v11.tr11
== a materialized view is made
-- change
create materialized view m12 as select a from t01;
-- finds extra materialized view public.m12
== a materialized view is empty
create materialized view m13 as select a from t01;
-- change
refresh materialized view m13 with no data;
-- finds materialized view public.m13: populated
-- dump same: pg_dump says how to make it; filling it is data
== a materialized view is filled anew
create materialized view m14 as select a from t01;
-- change
refresh materialized view m14;
== a materialized view has an index
create materialized view m15 as select a from t01;
-- change
create unique index m15_a on m15 (a);
-- finds extra index public.m15_a
== a materialized view's options
create materialized view m16 as select a from t01;
-- change
alter materialized view m16 set (fillfactor = 50);
-- finds materialized view public.m16: options
== a materialized view's column
create materialized view m17 as select b from t01;
-- change
alter materialized view m17 alter b set statistics 100;
-- finds extra column public.m17.b
== a materialized view's owner
create materialized view m18 as select b from t01;
-- change
alter materialized view m18 owner to bob;
-- finds materialized view public.m18: owner
== a materialized view clusters
create materialized view m19 as select b from t01;
create index m19_b on m19 (b);
-- change
alter materialized view m19 cluster on m19_b;
-- finds index public.m19_b: clustered
== a sequence is made
-- change
create sequence q20;
-- finds extra sequence public.q20
== a sequence steps
create sequence q21;
-- change
alter sequence q21 increment 5;
-- finds sequence public.q21: increment
== a sequence's bounds
create sequence q22;
-- change
alter sequence q22 maxvalue 1000 minvalue 0;
-- finds sequence public.q22: maximum
-- finds sequence public.q22: minimum
-- finds sequence public.q22: start
== a sequence's start
create sequence q23;
-- change
alter sequence q23 start 50;
-- finds sequence public.q23: start
== a sequence's cache
create sequence q24;
-- change
alter sequence q24 cache 20;
-- finds sequence public.q24: cache
== a sequence goes round
create sequence q25;
-- change
alter sequence q25 cycle;
-- finds sequence public.q25: cycle
== a sequence's type
create sequence q26;
-- change
alter sequence q26 as int;
-- finds sequence public.q26: type
== a sequence gets an owner
create sequence q27;
create table t27 (a int);
-- change
alter sequence q27 owned by t27.a;
-- finds sequence public.q27: owned by
== a sequence is renamed under a default
create table t28 (a serial);
-- change
alter sequence t28_a_seq rename to q28;
-- finds renamed sequence public.t28_a_seq to public.q28
== a sequence moves on
create sequence q29;
-- change
select nextval('q29'), setval('q29', 100);
== a sequence's comment
create sequence q30;
-- change
comment on sequence q30 is 'x';
-- finds sequence public.q30: comment
== a sequence's owner
create sequence q31;
-- change
alter sequence q31 owner to bob;
-- finds sequence public.q31: owner
== a sequence counts down
create sequence q32 increment -1;
-- change
alter sequence q32 start -5;
-- finds sequence public.q32: start
== a sequence restarts
create sequence q33;
-- change
alter sequence q33 restart with 7;
== a sequence is unlogged
create sequence q34;
-- change
alter sequence q34 set unlogged;
-- finds sequence public.q34: persistence
-- since 15
== a materialized view goes with an extension
create extension citext;
create materialized view m50 as select 1 as a;
-- change
alter materialized view m50 depends on extension citext;
-- finds materialized view public.m50: depends on extensions
== a materialized view is another, and its index has another name
create table t90 (a int, b int);
create materialized view m90 as select a from t90;
create unique index m90_a on m90 (a);
-- change
drop materialized view m90;
create materialized view m90 as select a from t90 where b is null;
create unique index m90_other on m90 (a);
-- finds materialized view public.m90: definition
-- finds renamed index public.m90_a to public.m90_other
