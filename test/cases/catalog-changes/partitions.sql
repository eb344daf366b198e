== a table is partitioned
-- change
create table t01 (a int, b int) partition by range (a);
-- finds extra table public.t01
== it is partitioned otherwise
create table t02 (a int, b int) partition by range (a);
-- change
drop table t02;
create table t02 (a int, b int) partition by list (a);
-- finds table public.t02: partitioned by
== a partition is made
create table t03 (a int primary key, b int) partition by range (a);
create index on t03 (b);
-- change
create table t03_1 partition of t03 for values from (1) to (10);
-- finds extra table public.t03_1
== a partition is detached
create table t04_ref (a int primary key);
create table t04 (a int primary key, b int references t04_ref check (b > 0)) partition by range (a);
create index on t04 (b);
create table t04_1 partition of t04 for values from (1) to (10);
-- change
alter table t04 detach partition t04_1;
-- finds table public.t04_1: partition
== a partition is attached
create table t05 (a int not null, b int) partition by range (a);
create index t05_b on t05 (b);
create table t05_1 (a int not null, b int);
create index t05_1_b on t05_1 (b);
-- change
alter table t05 attach partition t05_1 for values from (1) to (10);
-- finds table public.t05_1: partition
== other bounds
create table t06 (a int) partition by range (a);
create table t06_1 partition of t06 for values from (1) to (10);
-- change
alter table t06 detach partition t06_1;
alter table t06 attach partition t06_1 for values from (1) to (20);
-- finds table public.t06_1: partition
== a default partition
create table t07 (a int) partition by list (a);
create table t07_x partition of t07 for values in (1);
-- change
alter table t07 detach partition t07_x;
alter table t07 attach partition t07_x default;
-- finds table public.t07_x: partition
== a partition is dropped
create table t08 (a int) partition by hash (a);
create table t08_1 partition of t08 for values with (modulus 2, remainder 0);
-- change
drop table t08_1;
-- finds missing table public.t08_1
== a partitioned table is dropped
create table t09 (a int primary key) partition by range (a);
create table t09_1 partition of t09 for values from (1) to (10) partition by range (a);
create table t09_1_1 partition of t09_1 for values from (1) to (5);
create table t09_child (a int references t09);
-- change
drop table t09 cascade;
-- finds missing table public.t09
== a column of a table and its partitions
create table t10 (a int) partition by range (a);
create table t10_1 partition of t10 for values from (1) to (10);
create table t10_2 partition of t10 for values from (10) to (20);
-- change
alter table t10 add column b text;
-- finds extra column public.t10.b
== a column of all becomes not null
create table t11 (a int, b int) partition by range (a);
create table t11_1 partition of t11 for values from (1) to (10);
-- change
alter table t11 alter b set not null;
-- finds column public.t11.b: not null
== a column of all becomes bigger
create table t12 (a int, b int) partition by range (a);
create table t12_1 partition of t12 for values from (1) to (10);
-- change
alter table t12 alter b type bigint;
-- finds column public.t12.b: type
== a partition has a default of its own
create table t13 (a int, b int) partition by range (a);
create table t13_1 partition of t13 for values from (1) to (10);
-- change
alter table t13_1 alter b set default 3;
-- finds column public.t13_1.b: default
== an index of all
create table t14 (a int, b int) partition by range (a);
create table t14_1 partition of t14 for values from (1) to (10);
-- change
create index t14_b on t14 (b);
-- finds extra index public.t14_b
== an index of the whole alone
create table t15 (a int, b int) partition by range (a);
create table t15_1 partition of t15 for values from (1) to (10);
create table t15_2 partition of t15 for values from (10) to (20);
create index t15_b on only t15 (b);
create index t15_1_b on t15_1 (b);
-- change
alter index t15_b attach partition t15_1_b;
-- finds index public.t15_1_b: attached to
== an index of the whole becomes valid
create table t16 (a int, b int) partition by range (a);
create table t16_1 partition of t16 for values from (1) to (10);
create index t16_b on only t16 (b);
create index t16_1_b on t16_1 (b);
-- change
alter index t16_b attach partition t16_1_b;
-- finds index public.t16_b: valid
== a foreign key of all
create table t17_ref (a int primary key);
create table t17 (a int, b int) partition by range (a);
create table t17_1 partition of t17 for values from (1) to (10);
-- change
alter table t17 add foreign key (b) references t17_ref;
-- finds extra constraint public.t17.t17_b_fkey
== a foreign key to a table with partitions
create table t18 (a int primary key) partition by range (a);
create table t18_1 partition of t18 for values from (1) to (10);
create table t18_child (a int);
-- change
alter table t18_child add foreign key (a) references t18;
-- finds extra constraint public.t18_child.t18_child_a_fkey
== a trigger of all
create table t19 (a int) partition by range (a);
create table t19_1 partition of t19 for values from (1) to (10);
create function f19() returns trigger language plpgsql as 'begin return new; end';
-- change
create trigger tr19 after insert on t19 for each row execute function f19();
-- finds extra trigger public.t19.tr19
== a trigger is off in one partition
create table t20 (a int) partition by range (a);
create table t20_1 partition of t20 for values from (1) to (10);
create function f20() returns trigger language plpgsql as 'begin return new; end';
create trigger tr20 after insert on t20 for each row execute function f20();
-- change
alter table t20_1 disable trigger tr20;
-- finds extra trigger public.t20_1.tr20
== the key of a table with partitions is dropped
create table t21 (a int primary key, b int) partition by range (a);
create table t21_1 partition of t21 for values from (1) to (10);
-- change
alter table t21 drop constraint t21_pkey;
-- finds missing constraint public.t21.t21_pkey
== bounds of moments
create table t22 (a timestamptz) partition by range (a);
-- change
create table t22_1 partition of t22 for values from ('2020-01-01') to ('2021-01-01');
-- finds extra table public.t22_1
== the index of a partition is renamed
create table t24 (a int, b int) partition by list (a);
create table t24_1 partition of t24 for values in (1);
create index t24_b on t24 (b);
-- change
alter index t24_1_b_idx rename to t24_1_other;
-- finds renamed index public.t24_1_b_idx to public.t24_1_other
