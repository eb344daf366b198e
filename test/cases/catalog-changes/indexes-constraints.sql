== an index is made
create table t01 (a int, b text);
-- change
create index t01_a on t01 (a);
-- finds extra index public.t01_a
== an index is dropped
create table t02 (a int);
create index t02_a on t02 (a);
-- change
drop index t02_a;
-- finds missing index public.t02_a
== an index is renamed
create table t03 (a int);
create index t03_a on t03 (a);
-- change
alter index t03_a rename to t03_b;
-- finds renamed index public.t03_a to public.t03_b
== an index becomes unique
create table t04 (a int);
create index t04_a on t04 (a);
-- change
drop index t04_a;
create unique index t04_a on t04 (a);
-- finds index public.t04_a: definition
== an index in the other order
create table t05 (a int);
create index t05_a on t05 (a);
-- change
drop index t05_a;
create index t05_a on t05 (a desc nulls last);
-- finds index public.t05_a: definition
== an index of some rows
create table t06 (a int);
create index t06_a on t06 (a);
-- change
drop index t06_a;
create index t06_a on t06 (a) where a > 5;
-- finds index public.t06_a: definition
== an index by another method
create table t07 (a int);
create index t07_a on t07 (a);
-- change
drop index t07_a;
create index t07_a on t07 using hash (a);
-- finds index public.t07_a: definition
== an index with more in it
create table t08 (a int, b int);
create index t08_a on t08 (a);
-- change
drop index t08_a;
create index t08_a on t08 (a) include (b);
-- finds index public.t08_a: definition
== an index's operator class
create table t09 (a text);
create index t09_a on t09 (a);
-- change
drop index t09_a;
create index t09_a on t09 (a text_pattern_ops);
-- finds index public.t09_a: definition
== an index's fill factor
create table t10 (a int);
create index t10_a on t10 (a);
-- change
alter index t10_a set (fillfactor = 50);
-- finds index public.t10_a: definition
== an index's statistics
create table t11 (a int);
create index t11_a on t11 ((a + 1));
-- change
alter index t11_a alter column 1 set statistics 1000;
-- finds index public.t11_a: statistics
== an index's comment
create table t12 (a int);
create index t12_a on t12 (a);
-- change
comment on index t12_a is 'x';
-- finds index public.t12_a: comment
== an index is not valid
create table t13 (a int);
insert into t13 values (1);
create index t13_a on t13 (a);
-- change
update pg_index set indisvalid = false where indexrelid = 't13_a'::regclass;
-- finds index public.t13_a: valid
== an index is rebuilt
create table t14 (a int);
create index t14_a on t14 (a);
-- change
reindex index concurrently t14_a;
== nulls are not distinct
create table t15 (a int);
create unique index t15_a on t15 (a);
-- change
drop index t15_a;
create unique index t15_a on t15 (a) nulls not distinct;
-- finds index public.t15_a: definition
-- since 15
== a primary key is added
create table t16 (a int not null);
-- change
alter table t16 add primary key (a);
-- finds extra constraint public.t16.t16_pkey
== a primary key that makes its columns not null
create table t17 (a int, b int);
-- change
alter table t17 add primary key (a, b);
-- finds extra constraint public.t17.t17_pkey
== a primary key is dropped with the keys to it
create table t18 (a int primary key);
create table t18_child (a int references t18);
-- change
alter table t18 drop constraint t18_pkey cascade;
-- finds missing constraint public.t18.t18_pkey
-- finds missing constraint public.t18_child.t18_child_a_fkey
== a unique constraint is added
create table t19 (a int);
-- change
alter table t19 add unique (a);
-- finds extra constraint public.t19.t19_a_key
== a unique index becomes a constraint
create table t20 (a int);
create unique index t20_a on t20 (a);
-- change
alter table t20 add constraint t20_a unique using index t20_a;
-- finds extra constraint public.t20.t20_a
-- finds missing index public.t20_a
== a check is added
create table t21 (a int);
-- change
alter table t21 add check (a > 0);
-- finds extra constraint public.t21.t21_a_check
== a check says otherwise
create table t22 (a int, constraint c22 check (a > 0));
-- change
alter table t22 drop constraint c22, add constraint c22 check (a >= 0);
-- finds constraint public.t22.c22: definition
== a check is not validated
create table t23 (a int, constraint c23 check (a > 0));
-- change
alter table t23 drop constraint c23, add constraint c23 check (a > 0) not valid;
-- finds constraint public.t23.c23: validated
== a check is validated
create table t24 (a int);
alter table t24 add constraint c24 check (a > 0) not valid;
-- change
alter table t24 validate constraint c24;
-- finds constraint public.t24.c24: validated
== a check is not for heirs
create table t25 (a int, constraint c25 check (a > 0));
-- change
alter table t25 drop constraint c25, add constraint c25 check (a > 0) no inherit;
-- finds constraint public.t25.c25: definition
== a constraint is renamed
create table t26 (a int, constraint c26 check (a > 0));
-- change
alter table t26 rename constraint c26 to c26_new;
-- finds renamed constraint public.t26.c26 to public.t26.c26_new
== a constraint's comment
create table t27 (a int, constraint c27 check (a > 0));
-- change
comment on constraint c27 on t27 is 'x';
-- finds constraint public.t27.c27: comment
== a foreign key is added
create table t28 (a int primary key);
create table t28_child (a int);
-- change
alter table t28_child add foreign key (a) references t28;
-- finds extra constraint public.t28_child.t28_child_a_fkey
== a foreign key is dropped
create table t29 (a int primary key);
create table t29_child (a int, constraint c29 foreign key (a) references t29);
-- change
alter table t29_child drop constraint c29;
-- finds missing constraint public.t29_child.c29
== a foreign key cascades
create table t30 (a int primary key);
create table t30_child (a int, constraint c30 foreign key (a) references t30);
-- change
alter table t30_child drop constraint c30, add constraint c30 foreign key (a) references t30 on delete cascade;
-- finds constraint public.t30_child.c30: definition
== a foreign key can wait
create table t31 (a int primary key);
create table t31_child (a int, constraint c31 foreign key (a) references t31);
-- change
alter table t31_child alter constraint c31 deferrable initially deferred;
-- finds constraint public.t31_child.c31: deferrable
== a foreign key can wait, but not at first
create table t32 (a int primary key);
create table t32_child (a int, constraint c32 foreign key (a) references t32);
-- change
alter table t32_child alter constraint c32 deferrable;
-- finds constraint public.t32_child.c32: deferrable
== a foreign key is not validated
create table t33 (a int primary key);
create table t33_child (a int, constraint c33 foreign key (a) references t33);
-- change
alter table t33_child drop constraint c33, add constraint c33 foreign key (a) references t33 deferrable not valid;
-- finds constraint public.t33_child.c33: deferrable
-- finds constraint public.t33_child.c33: validated
== a foreign key matches in full
create table t34 (a int, b int, primary key (a, b));
create table t34_child (a int, b int, constraint c34 foreign key (a, b) references t34);
-- change
alter table t34_child drop constraint c34, add constraint c34 foreign key (a, b) references t34 match full;
-- finds constraint public.t34_child.c34: definition
== an exclusion constraint
create table t35 (a int4range);
-- change
alter table t35 add constraint c35 exclude using gist (a with &&);
-- finds extra constraint public.t35.c35
== the index of a key has options
create table t36 (a int primary key);
-- change
alter index t36_pkey set (fillfactor = 60);
-- finds constraint public.t36.t36_pkey: options
== the index of a key has a comment
create table t37 (a int primary key);
-- change
comment on index t37_pkey is 'x';
-- finds constraint public.t37.t37_pkey: comment on index
== a key of more columns
create table t38 (a int not null, b int not null, constraint c38 primary key (a));
-- change
alter table t38 drop constraint c38, add constraint c38 primary key (a, b);
-- finds constraint public.t38.c38: definition
== a check of a table and its heirs
create table t39 (a int);
create table t39_child () inherits (t39);
-- change
alter table t39 add constraint c39 check (a > 0);
-- finds extra constraint public.t39.c39
== statistics are made
create table t40 (a int, b int);
-- change
create statistics s40 (dependencies) on a, b from t40;
-- finds extra statistics public.s40
== statistics have a target
create table t41 (a int, b int);
create statistics s41 on a, b from t41;
-- change
alter statistics s41 set statistics 77;
-- finds statistics public.s41: statistics target
== statistics of other kinds
create table t42 (a int, b int);
create statistics s42 (ndistinct) on a, b from t42;
-- change
drop statistics s42;
create statistics s42 (mcv) on a, b from t42;
-- finds statistics public.s42: definition
== statistics' owner
create table t43 (a int, b int);
create statistics s43 on a, b from t43;
-- change
alter statistics s43 owner to bob;
-- finds statistics public.s43: owner
== statistics' comment
create table t44 (a int, b int);
create statistics s44 on a, b from t44;
-- change
comment on statistics s44 is 'x';
-- finds statistics public.s44: comment
== a foreign key is not looked after
create table t45 (a int primary key);
create table t45_child (a int constraint c45 references t45);
-- change
alter table t45_child disable trigger all;
-- finds constraint public.t45_child.c45: triggers
-- dump same: pg_dump leaves out the state of the server's own triggers
== a foreign key is not looked after where it leads to
create table t46 (a int primary key);
create table t46_child (a int constraint c46 references t46);
-- change
alter table t46 disable trigger all;
-- finds constraint public.t46_child.c46: triggers
-- dump same: pg_dump leaves out the state of the server's own triggers
== a foreign key to a table with partitions is not looked after in one
create table t47 (a int primary key) partition by list (a);
create table t47_1 partition of t47 for values in (1);
create table t47_2 partition of t47 for values in (2);
create table t47_child (a int constraint c47 references t47);
-- change
alter table t47_2 disable trigger all;
-- finds constraint public.t47_child.c47: triggers
== a key that can wait is not looked after
create table t48 (a int constraint c48 unique deferrable);
-- change
alter table t48 disable trigger all;
-- finds constraint public.t48.c48: triggers
-- dump same: pg_dump leaves out the state of the server's own triggers
== a foreign key is looked after on replicas as well
create table t49 (a int primary key);
create table t49_child (a int constraint c49 references t49);
create function always_49() returns void language plpgsql as $$
declare
  name text;
begin
  for name in select tgname from pg_trigger where tgrelid = 't49_child'::regclass loop
    execute format('alter table t49_child enable always trigger %I', name);
  end loop;
end $$;
-- change
select always_49();
-- finds constraint public.t49_child.c49: triggers
-- dump same: pg_dump leaves out the state of the server's own triggers
== an index goes with an extension
create extension citext;
create table t50 (a int);
create index t50_a on t50 (a);
-- change
alter index t50_a depends on extension citext;
-- finds index public.t50_a: depends on extensions
== an index of a key goes with an extension
create table t51 (a int primary key);
-- change
alter index t51_pkey depends on extension citext;
-- finds constraint public.t51.t51_pkey: depends on extensions
== a check is not enforced
create table t52 (a int, constraint c52 check (a > 0));
-- change
alter table t52 drop constraint c52, add constraint c52 check (a > 0) not enforced;
-- finds constraint public.t52.c52: definition
-- since 18
== a foreign key is not enforced
create table t53 (a int primary key);
create table t53_child (a int constraint c53 references t53);
-- change
alter table t53_child alter constraint c53 not enforced;
-- finds constraint public.t53_child.c53: definition
-- since 18
== a check has another name, and a comment in an heir alone
create table t90 (a int, constraint c90 check (a > 0));
create table t90_heir () inherits (t90);
-- change
alter table t90 rename constraint c90 to c90_new;
comment on constraint c90_new on t90_heir is 'its own';
-- finds renamed constraint public.t90.c90 to public.t90.c90_new
