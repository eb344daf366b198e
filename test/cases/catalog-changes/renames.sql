== a column of partitions, with a key to it and a trigger
create table n01 (a int, b int check (b <> 2), primary key (a, b)) partition by range (a);
create table n01_1 partition of n01 for values from (0) to (9);
create table n01_child (a int, b int, foreign key (a, b) references n01 (a, b));
create index n01_b on n01 (b, (b + 1)) where b > 0;
create function f01() returns trigger language plpgsql as 'begin return new; end';
create trigger tr01 before update of b on n01_1 for each row execute function f01();
grant select (b) on n01 to ci_queue;
comment on column n01.b is 'b';
-- change
alter table n01 rename column b to key;
-- finds renamed column public.n01.b to public.n01.key
== a column that is called as a function is
create function n02(int) returns int immutable language sql as 'select $1';
create table n02_t (n02 int check (n02(n02) > n02::int), "N" text not null);
-- change
alter table n02_t rename column n02 to "n n";
-- finds renamed column public.n02_t.n02 to public.n02_t."n n"
== a column is renamed, and its check changed
create table n03 (a int, b int, constraint c03 check (a > 0));
-- change
alter table n03 rename column a to d;
alter table n03 drop constraint c03, add constraint c03 check (b > 0);
-- finds renamed column public.n03.a to public.n03.d
-- finds constraint public.n03.c03: definition
== a column of the other name is of another type
create table n04 (a int, b int);
-- change
alter table n04 rename column b to c;
alter table n04 alter c type bigint;
-- finds missing column public.n04.b
-- finds extra column public.n04.c
== columns change places
create table n05 (a int, b int, c int);
-- change
alter table n05 drop column b, add column d int;
-- finds missing column public.n05.b
-- finds extra column public.n05.d
== a view that others use
create table n06 (id int primary key, a text);
create view n06_v as select id, a from n06 where a <> 'public.n06_v';
create view n06_w as select v.id, n06_v.a from n06_v join n06_v v using (id);
grant select on n06_v to ci_queue;
comment on view n06_v is 'x';
-- change
alter view n06_v rename to n06_new;
-- finds renamed view public.n06_v to public.n06_new
== a materialized view
create materialized view n07 as select 1 as a;
create unique index n07_a on n07 (a);
create view n07_v as select a from n07;
-- change
alter materialized view n07 rename to n07_new;
-- finds renamed materialized view public.n07 to public.n07_new
== a table under views, with heirs and policies
create table n08 (id int primary key, a text);
create table n08_heir () inherits (n08);
create view n08_v as select id, a from n08;
create view n08_w as select n08.id, x.a from n08 join n08 x using (id);
create policy p08 on n08 using (exists (select from n08 y where y.id > 0));
create rule r08 as on delete to n08 do also select 1;
create function f08(n08) returns setof n08 language sql as 'select $1';
grant insert on n08 to ci_queue;
-- change
alter table n08 rename to "N08";
-- finds renamed table public.n08 to public."N08"
== a function of triggers and defaults
create function n09() returns int language sql as 'select 1';
create function n09_t() returns trigger language plpgsql as 'begin return new; end';
create table n09_a (a int default n09(), b int check (b > n09()));
create trigger tr09 before insert on n09_a for each row execute function n09_t();
grant execute on function n09() to ci_queue;
-- change
alter function n09() rename to n09_new;
-- finds renamed function public.n09() to public.n09_new()
== of a function that has two forms
create function n10(int) returns int language sql as 'select 1';
create function n10(text) returns int language sql as 'select 1';
create table n10_a (a int default n10(1));
-- change
alter function n10(int) rename to n10_new;
-- finds missing function public.n10(integer)
-- finds extra function public.n10_new(integer)
== a server with its tables
create foreign data wrapper w11;
create server n11 foreign data wrapper w11;
create foreign table n11_t (a int) server n11;
create user mapping for bob server n11 options (x 'y');
grant usage on foreign server n11 to ci_queue;
-- change
alter server n11 rename to n11_new;
-- finds renamed server n11 to n11_new
== a foreign table and its column
create server n12 foreign data wrapper w11;
create foreign table n12_t (a int not null, b int) server n12;
-- change
alter foreign table n12_t rename to n12_new;
alter foreign table n12_new rename column b to d;
-- finds missing foreign table public.n12_t
-- finds extra foreign table public.n12_new
== two tables alike change names
create table n13 (a int);
create table n13_b (a int);
-- change
alter table n13 rename to n13_c;
alter table n13_b rename to n13_d;
-- finds missing table public.n13
-- finds missing table public.n13_b
-- finds extra table public.n13_c
-- finds extra table public.n13_d
== a view of a renamed table is changed as well
create table n14 (a int, b int);
create view n14_v as select a from n14;
-- change
alter table n14 rename to n14_new;
create or replace view n14_v as select a from n14_new where b > 0;
-- finds renamed table public.n14 to public.n14_new
-- finds view public.n14_v: definition
