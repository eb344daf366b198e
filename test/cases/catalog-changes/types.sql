== an enum is made
-- change
create type e01 as enum ('a', 'b');
-- finds extra enum public.e01
== a label is added
create type e02 as enum ('a', 'b');
-- change
alter type e02 add value 'c';
-- finds enum public.e02: labels
== a label is added in the middle
create type e03 as enum ('a', 'b');
-- change
alter type e03 add value 'ab' before 'b';
-- finds enum public.e03: labels
== a label is renamed
create type e04 as enum ('a', 'b');
-- change
alter type e04 rename value 'a' to 'A';
-- finds enum public.e04: labels
== an enum is dropped with its columns
create type e05 as enum ('a', 'b');
create table t05 (a int, e e05);
create function f05(e05) returns int language sql as 'select 1';
-- change
drop type e05 cascade;
-- finds missing enum public.e05
== an enum is renamed
create type e06 as enum ('a');
create table t06 (e e06 default 'a');
-- change
alter type e06 rename to e06_new;
-- finds missing enum public.e06
-- finds extra enum public.e06_new
== an enum's owner
create type e07 as enum ('a');
-- change
alter type e07 owner to bob;
-- finds enum public.e07: owner
== an enum's comment
create type e08 as enum ('a');
-- change
comment on type e08 is 'x';
-- finds enum public.e08: comment
== a domain is made
-- change
create domain d09 as text check (value <> '') default 'x';
-- finds extra domain public.d09
== a domain's default
create domain d10 as int;
-- change
alter domain d10 set default 5;
-- finds domain public.d10: default
== a domain is not null
create domain d11 as int;
-- change
alter domain d11 set not null;
-- finds domain public.d11: not null
== a domain's check is added
create domain d12 as int;
-- change
alter domain d12 add constraint c12 check (value > 0);
-- finds extra domain constraint public.d12.c12
== a domain's check says otherwise
create domain d13 as int constraint c13 check (value > 0);
-- change
alter domain d13 drop constraint c13;
alter domain d13 add constraint c13 check (value > 1);
-- finds domain constraint public.d13.c13: definition
== a domain's check is not validated
create domain d14 as int constraint c14 check (value > 0);
-- change
alter domain d14 drop constraint c14;
alter domain d14 add constraint c14 check (value > 0) not valid;
-- finds domain constraint public.d14.c14: validated
== a domain's check has a comment
create domain d15 as int constraint c15 check (value > 0);
-- change
comment on constraint c15 on domain d15 is 'x';
-- finds domain constraint public.d15.c15: comment
== a domain of another type
create domain d16 as varchar(10);
-- change
drop domain d16;
create domain d16 as varchar(20);
-- finds domain public.d16: type
== a domain's collation
create domain d17 as text;
-- change
drop domain d17;
create domain d17 as text collate "C";
-- finds domain public.d17: collation
== a composite type is made
-- change
create type c18 as (a int, b text);
-- finds extra composite type public.c18
== an attribute is added
create type c19 as (a int);
-- change
alter type c19 add attribute b text;
-- finds composite type public.c19: attributes
== an attribute's type
create type c20 as (a int);
-- change
alter type c20 alter attribute a type bigint;
-- finds composite type public.c20: attributes
== an attribute's comment
create type c21 as (a int);
-- change
comment on column c21.a is 'x';
-- finds extra column public.c21.a
== a range is made
-- change
create type r22 as range (subtype = float8, subtype_diff = float8mi);
-- finds extra range type public.r22
== a range of something else
create type r23 as range (subtype = float8);
-- change
drop type r23;
create type r23 as range (subtype = int);
-- finds range type public.r23: subtype
== a range's difference
create type r24 as range (subtype = float8);
-- change
drop type r24;
create type r24 as range (subtype = float8, subtype_diff = float8mi);
-- finds range type public.r24: difference
== a range's many
create type r25 as range (subtype = float8);
-- change
drop type r25;
create type r25 as range (subtype = float8, multirange_type_name = r25_many);
-- finds range type public.r25: multirange type
== a base type
create type b26;
create function b26_in(cstring) returns b26 language internal immutable strict as 'textin';
create function b26_out(b26) returns cstring language internal immutable strict as 'textout';
-- change
create type b26 (input = b26_in, output = b26_out, category = 'X');
-- finds base type public.b26: by value
-- finds base type public.b26: category
-- finds base type public.b26: defined
-- finds base type public.b26: input
-- finds base type public.b26: length
-- finds base type public.b26: output
== a shell of a type
-- change
create type b27;
-- finds extra base type public.b27
== a collation is made
-- change
create collation l28 (lc_collate = 'C', lc_ctype = 'C');
-- finds extra collation public.l28
== a collation's owner
create collation l29 (lc_collate = 'C', lc_ctype = 'C');
-- change
alter collation l29 owner to bob;
-- finds collation public.l29: owner
== a collation's comment
create collation l30 (lc_collate = 'C', lc_ctype = 'C');
-- change
comment on collation l30 is 'x';
-- finds collation public.l30: comment
== a collation of another place
create collation l31 (lc_collate = 'C', lc_ctype = 'C');
-- change
drop collation l31;
create collation l31 (lc_collate = 'POSIX', lc_ctype = 'POSIX');
-- finds collation public.l31: locale
== a collation that is not deterministic
create collation l32 (provider = icu, locale = 'de-DE');
-- change
drop collation l32;
create collation l32 (provider = icu, locale = 'de-DE', deterministic = false);
-- finds collation public.l32: deterministic
== a conversion
-- change
create conversion n33 for 'UTF8' to 'LATIN1' from utf8_to_iso8859_1;
-- finds extra conversion public.n33
== a conversion's comment
create conversion n34 for 'UTF8' to 'LATIN1' from utf8_to_iso8859_1;
-- change
comment on conversion n34 is 'x';
-- finds conversion public.n34: comment
== a cast
create type k35 as (a int);
create function f35(k35) returns int language sql as 'select 1';
-- change
create cast (k35 as int) with function f35(k35) as assignment;
-- finds extra cast public.k35 as integer
== a cast becomes implicit
create type k36 as (a int);
create function f36(k36) returns int language sql as 'select 1';
create cast (k36 as int) with function f36(k36) as assignment;
-- change
drop cast (k36 as int);
create cast (k36 as int) with function f36(k36) as implicit;
-- finds cast public.k36 as integer: context
== an operator
create function f37(int, int) returns boolean language sql as 'select true';
-- change
create operator ===  (function = f37, leftarg = int, rightarg = int, commutator = ===);
-- finds extra operator public.===(integer,integer)
== an operator can hash
create function f38(text, text) returns boolean language sql as 'select true';
create operator ==== (function = f38, leftarg = text, rightarg = text);
-- change
alter operator ==== (text, text) set (restrict = eqsel);
-- finds operator public.====(text,text): restrict
== an operator's owner
create function f39(int, int) returns boolean language sql as 'select true';
create operator =*= (function = f39, leftarg = int, rightarg = int);
-- change
alter operator =*= (int, int) owner to bob;
-- finds operator public.=*=(integer,integer): owner
== an operator's comment
create operator =+= (function = f39, leftarg = int, rightarg = int);
-- change
comment on operator =+= (int, int) is 'x';
-- finds operator public.=+=(integer,integer): comment
== an operator class
create function f41(int, int) returns int language internal immutable strict as 'btint4cmp';
-- change
create operator class oc41 for type int using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=,
  operator 5 >, function 1 f41(int, int);
-- finds extra operator family public.oc41 using btree
== an operator class of another type
create operator family of42 using btree;
create operator class oc42 for type int using btree family of42 as operator 1 <, operator 2 <=, operator 3 =,
  operator 4 >=, operator 5 >, function 1 btint4cmp(int, int);
-- change
alter operator family of42 using btree add operator 1 < (int, bigint), function 1 (int, bigint) btint48cmp(int, bigint);
-- finds operator family public.of42 using btree: functions
-- finds operator family public.of42 using btree: operators
== an operator family's owner
create operator family of43 using btree;
-- change
alter operator family of43 using btree owner to bob;
-- finds operator family public.of43 using btree: owner
== an operator class's owner
create operator family of44 using hash;
create operator class oc44 for type int using hash family of44 as operator 1 =, function 1 hashint4(int);
-- change
alter operator class oc44 using hash owner to bob;
-- finds operator class public.oc44 using hash: owner
== an operator class's comment
-- change
comment on operator class oc44 using hash is 'x';
-- finds operator class public.oc44 using hash: comment
== the many of a range have a comment
create type r60 as range (subtype = float8);
-- change
comment on type r60_multirange is 'x';
-- finds range type public.r60: comment on multirange type
-- dump same: pg_dump leaves out the comment of what comes with a range
== a domain's constraint not null has a comment
create domain d61 as int constraint d61_must not null;
-- change
comment on constraint d61_must on domain d61 is 'x';
-- finds domain public.d61: comment on not null
-- since 18
