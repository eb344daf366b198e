#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& type_queries() {
  static const std::vector<Query> queries{
      {"enum", R"(
select {{name n t.typname}}, {{owner t.typowner}},
       (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
        from pg_enum e where e.enumtypid = t.oid) as labels,
       {{comment pg_type t.oid}} as comment
from pg_type t join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'e' and {{own pg_type t.oid n}})",
       "exists (select from pg_catalog.pg_type where oid >= 16384 and typtype = 'e')"},
      {"domain", R"(
select {{name n t.typname}}, {{owner t.typowner}}, format_type(t.typbasetype, t.typtypmod) as type,
       case when t.typcollation <> b.typcollation then t.typcollation::regcollation::text end as collation,
       coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) as default,
       {{below 18: case when t.typnotnull then 'yes' end}}
       {{from 18: case when t.typnotnull
            then (select concat_ws(', ', 'yes', case when k.conname <> t.typname || '_not_null'
                                                     then 'constraint ' || quote_ident(k.conname) end)
                  from pg_constraint k where k.contypid = t.oid and k.contype = 'n') end}} as "not null",
       {{below 18: null}}{{from 18: (select {{comment pg_constraint k.oid}} from pg_constraint k
                                     where k.contypid = t.oid and k.contype = 'n')}} as "comment on not null",
       {{comment pg_type t.oid}} as comment
from pg_type t
join pg_type b on b.oid = t.typbasetype
join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'd' and {{own pg_type t.oid n}})",
       "exists (select from pg_catalog.pg_type where oid >= 16384 and typtype = 'd')"},
      {"composite type", R"(
select {{name n t.typname}}, {{owner t.typowner}},
       (select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                          || case when a.attcollation <> b.typcollation and a.attcollation <> 0
                                  then ' collate ' || a.attcollation::regcollation else '' end,
                          ', ' order by a.attnum)
        from pg_attribute a join pg_type b on b.oid = a.atttypid
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as attributes,
       {{comment pg_type t.oid}} as comment
from pg_type t
join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'c' and {{own pg_type t.oid n}})",
       "exists (select from pg_catalog.pg_class where oid >= 16384 and relkind = 'c')"},
      {"range type", R"(
select {{name n t.typname}}, {{owner t.typowner}}, format_type(g.rngsubtype, null) as subtype,
       format_type(g.rngmultitypid, null) as "multirange type",
       (select {{name m o.opcname}} from pg_opclass o join pg_namespace m on m.oid = o.opcnamespace
        where o.oid = g.rngsubopc and not o.opcdefault) as "operator class",
       case when g.rngcollation <> b.typcollation then g.rngcollation::regcollation::text end as collation,
       nullif(g.rngcanonical, 0)::regproc::text as canonical, nullif(g.rngsubdiff, 0)::regproc::text as difference,
       {{comment pg_type g.rngmultitypid}} as "comment on multirange type",
       {{comment pg_type t.oid}} as comment
from pg_type t
join pg_range g on g.rngtypid = t.oid
join pg_type b on b.oid = g.rngsubtype
join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'r' and {{own pg_type t.oid n}})",
       "exists (select from pg_catalog.pg_type where oid >= 16384 and typtype = 'r')"},
      {"base type", R"(
select {{name n t.typname}}, {{owner t.typowner}},
       case when not t.typisdefined then 'no' end as defined,
       nullif(t.typinput, 0)::regproc::text as input, nullif(t.typoutput, 0)::regproc::text as output,
       nullif(t.typreceive, 0)::regproc::text as receive, nullif(t.typsend, 0)::regproc::text as send,
       nullif(t.typmodin, 0)::regproc::text as "modifier input",
       nullif(t.typmodout, 0)::regproc::text as "modifier output",
       nullif(t.typanalyze, 0)::regproc::text as analyze, nullif(t.typsubscript, 0)::regproc::text as subscript,
       t.typlen as length, case when t.typbyval then 'yes' end as "by value", t.typalign as alignment,
       t.typstorage as storage, t.typcategory as category, case when t.typispreferred then 'yes' end as preferred,
       t.typdefault as default, case when t.typelem <> 0 then format_type(t.typelem, null) end as element,
       t.typdelim as delimiter, case when t.typcollation <> 0 then 'yes' end as collatable,
       {{comment pg_type t.oid}} as comment
from pg_type t join pg_namespace n on n.oid = t.typnamespace
where (t.typtype = 'b' or t.typtype = 'p') and {{own pg_type t.oid n}}
  and not exists (select from pg_type e where e.oid = t.typelem and e.typarray = t.oid))"},
      {"collation", R"(
select {{name n c.collname}}, {{owner c.collowner}},
       case c.collprovider when 'c' then 'libc' when 'i' then 'icu' when 'b' then 'builtin' else 'default' end
         as provider,
       {{below 15: c.collcollate}}
       {{from 15: coalesce(c.collcollate, {{below 17: c.colliculocale}}{{from 17: c.colllocale}})}} as locale,
       case when c.collctype <> c.collcollate then c.collctype end as "character type",
       {{from 16: c.collicurules}}{{below 16: null}} as rules,
       case when not c.collisdeterministic then 'no' end as deterministic,
       {{comment pg_collation c.oid}} as comment
from pg_collation c join pg_namespace n on n.oid = c.collnamespace
where {{own pg_collation c.oid n}})",
       "exists (select from pg_catalog.pg_collation where oid >= 16384)"},
      {"conversion", R"(
select {{name n c.conname}}, {{owner c.conowner}}, pg_encoding_to_char(c.conforencoding) as "from",
       pg_encoding_to_char(c.contoencoding) as "to", c.conproc::text as function,
       case when c.condefault then 'yes' end as default, {{comment pg_conversion c.oid}} as comment
from pg_conversion c join pg_namespace n on n.oid = c.connamespace
where {{own pg_conversion c.oid n}})",
       "exists (select from pg_catalog.pg_conversion where oid >= 16384)"},
      {"cast", R"(
select format_type(c.castsource, null) || ' as ' || format_type(c.casttarget, null),
       nullif(c.castfunc, 0)::regprocedure::text as function,
       case c.castmethod when 'i' then 'with inout' when 'b' then 'without function' end as method,
       case c.castcontext when 'a' then 'assignment' when 'i' then 'implicit' end as context,
       {{comment pg_cast c.oid}} as comment
from pg_cast c
where c.oid >= 16384 and c.oid not in {{members pg_cast}}
  -- A range comes with a cast to its multirange.
  and not exists (select from pg_depend m where m.classid = 'pg_cast'::regclass and m.objid = c.oid
                  and m.refclassid = 'pg_type'::regclass and m.deptype = 'i'))",
       "exists (select from pg_catalog.pg_cast where oid >= 16384)"},
      {"transform", R"(
select format_type(t.trftype, null) || ' in ' || quote_ident(l.lanname),
       nullif(t.trffromsql, 0)::regprocedure::text as "from sql", nullif(t.trftosql, 0)::regprocedure::text as "to sql",
       {{comment pg_transform t.oid}} as comment
from pg_transform t join pg_language l on l.oid = t.trflang where t.oid not in {{members pg_transform}})",
       "exists (select from pg_catalog.pg_transform)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
