== an extension is made
-- change
create extension pg_trgm;
-- finds extra extension pg_trgm
== an extension moves
create schema s02;
-- change
alter extension pg_trgm set schema s02;
-- finds extension pg_trgm: schema
== an extension of another version
create extension btree_gist version '1.5';
-- change
alter extension btree_gist update to '1.6';
-- finds extension btree_gist: version
-- dump same: pg_dump names no version
== an extension is dropped
create extension hstore;
-- change
drop extension hstore;
-- finds missing extension hstore
== a publication is made
create table t05 (a int primary key, b int);
-- change
create publication p05 for table t05;
-- finds extra publication p05
== a publication of another table
create table t06 (a int primary key, b int);
-- change
alter publication p05 add table t06;
-- finds extra publication table p05: public.t06
== a publication of other operations
-- change
alter publication p05 set (publish = 'insert, delete');
-- finds publication p05: publishes
== a publication by the whole
-- change
alter publication p05 set (publish_via_partition_root = true);
-- finds publication p05: via root
== a publication's columns
-- change
alter publication p05 set table t05 (a), t06;
-- finds publication table p05: public.t05: columns
-- since 15
== a publication's rows
-- change
alter publication p05 set table t05 where (a > 5), t06;
-- finds publication table p05: public.t05: columns
-- finds publication table p05: public.t05: where
-- since 15
== a table of a publication is dropped
create table t11 (a int primary key);
create publication p11 for table t11;
-- change
drop table t11;
-- finds missing table public.t11
== a publication of all tables
-- change
create publication p12 for all tables;
-- finds extra publication p12
== a publication of a schema
create schema s13;
create publication p13;
-- change
alter publication p13 add tables in schema s13;
-- finds extra publication schema p13: s13
-- since 15
== a publication's owner
create publication p14;
-- change
alter publication p14 owner to bob;
-- finds publication p14: owner
== a publication's comment
create publication p15;
-- change
comment on publication p15 is 'x';
-- finds publication p15: comment
== a subscription
-- change
create subscription u16 connection 'dbname=nowhere' publication p05 with (connect = false, slot_name = none);
-- finds extra subscription u16
== a subscription of other publications
-- change
alter subscription u16 set publication p05, p12 with (refresh = false);
-- finds subscription u16: publications
== a subscription is binary
-- change
alter subscription u16 set (binary = true);
-- finds subscription u16: binary
== a subscription's comment
-- change
comment on subscription u16 is 'x';
-- finds subscription u16: comment
== a foreign data wrapper
-- change
create foreign data wrapper w20 options (debug 'true');
-- finds extra foreign data wrapper w20
== a foreign data wrapper's options
-- change
alter foreign data wrapper w20 options (set debug 'false');
-- finds foreign data wrapper w20: options
== a server
-- change
create server v22 type 'x' version '1' foreign data wrapper w20 options (host 'a');
-- finds extra server v22
== a server's options
-- change
alter server v22 options (set host 'b');
-- finds server v22: options
== a server's version
-- change
alter server v22 version '2';
-- finds server v22: version
== a server's grant
-- change
grant usage on foreign server v22 to ci_queue;
-- finds extra grant $db_user_prefix$_queue on server v22
== a server's owner and comment
-- change
comment on server v22 is 'x';
-- finds server v22: comment
== a user mapping
-- change
create user mapping for bob server v22 options (user 'x', password 'secret');
-- finds extra user mapping bob on v22
== a user mapping's options
-- change
alter user mapping for bob server v22 options (set user 'y');
-- finds user mapping bob on v22: options
== a foreign table
-- change
create foreign table t29 (a int options (column_name 'x') not null, b text) server v22 options (table_name 'y');
-- finds extra foreign table public.t29
== a foreign table's options
-- change
alter foreign table t29 options (set table_name 'z');
-- finds foreign table public.t29: options
== a foreign column's options
-- change
alter foreign table t29 alter a options (set column_name 'z');
-- finds column public.t29.a: foreign options
== a foreign table's column is added
-- change
alter foreign table t29 add column c int;
-- finds extra column public.t29.c
== a foreign table's check
-- change
alter foreign table t29 add constraint c33 check (a > 0);
-- finds extra constraint public.t29.c33
== a foreign table's grant
-- change
grant select on t29 to ci_queue;
-- finds extra grant $db_user_prefix$_queue on foreign table public.t29
== a server is dropped with its tables
-- change
drop server v22 cascade;
-- finds missing server v22
== a dictionary
-- change
create text search dictionary d36 (template = simple, stopwords = 'english');
-- finds extra text search dictionary public.d36
== a dictionary's options
-- change
alter text search dictionary d36 (accept = false);
-- finds text search dictionary public.d36: options
== a configuration
-- change
create text search configuration c38 (parser = default);
-- finds extra text search configuration public.c38
== a configuration's mapping
-- change
alter text search configuration c38 add mapping for asciiword, word with d36, simple;
-- finds text search configuration public.c38: mapping
== a configuration's owner
-- change
alter text search configuration c38 owner to bob;
-- finds text search configuration public.c38: owner
== a configuration's comment
-- change
comment on text search configuration c38 is 'x';
-- finds text search configuration public.c38: comment
== a template
-- change
create text search template m42 (init = dsimple_init, lexize = dsimple_lexize);
-- finds extra text search template public.m42
== a parser
-- change
create text search parser r43 (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
-- finds extra text search parser public.r43
== an access method
-- change
create access method a44 type table handler heap_tableam_handler;
-- finds extra access method a44
== a table of another access method
create access method a45 type table handler heap_tableam_handler;
create table t45 (a int);
-- change
drop table t45;
create table t45 (a int) using a45;
-- finds table public.t45: access method
== a language
-- change
create trusted language l46 handler plpgsql_call_handler inline plpgsql_inline_handler validator plpgsql_validator;
-- finds extra language l46
== a language's comment
-- change
comment on language l46 is 'x';
-- finds language l46: comment
== what an extension brought is not told
-- change
alter extension btree_gist drop function gbt_int4_consistent(internal, integer, smallint, oid, internal);
alter extension btree_gist add function gbt_int4_consistent(internal, integer, smallint, oid, internal);
== a server's options in another order
create foreign data wrapper w60;
create server v60 foreign data wrapper w60 options (a '1', b '2');
-- change
alter server v60 options (drop a);
alter server v60 options (add a '1');
== a rule is renamed
create table t61 (a int);
create rule r61 as on insert to t61 where new.a < 0 do also select 1;
-- change
alter rule r61 on t61 rename to r61_new;
-- finds renamed rule public.t61.r61 to public.t61.r61_new
== a policy is renamed
create table t62 (a int);
create policy p62 on t62 using (a > 0);
-- change
alter policy p62 on t62 rename to p62_new;
-- finds renamed policy public.t62.p62 to public.t62.p62_new
== statistics are renamed
create table t63 (a int, b int);
create statistics s63 on a, b from t63;
-- change
alter statistics s63 rename to s63_new;
-- finds renamed statistics public.s63 to public.s63_new
== a domain's check is renamed
create domain d64 as int constraint d64_check check (value > 0);
-- change
alter domain d64 rename constraint d64_check to d64_new;
-- finds renamed domain constraint public.d64.d64_check to public.d64.d64_new
== a check of a table and its heirs is renamed
create table t65 (a int, constraint c65 check (a > 0));
create table t65_child () inherits (t65);
-- change
alter table t65 rename constraint c65 to c65_new;
-- finds renamed constraint public.t65.c65 to public.t65.c65_new
== statistics move to another schema
create schema s66;
create table t66 (a int, b int);
create statistics s66 on a, b from t66;
-- change
alter statistics s66 set schema s66;
-- finds missing statistics public.s66
-- finds extra statistics s66.s66
