#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& column_queries() {
  static const std::vector<Query> queries{
      // Columns of views and of composite types say nothing that these do not say themselves, unless somebody
      // gave them something of their own.
      {"column", R"(
select r.name || '.' || quote_ident(a.attname),
       r.kind || ' ' || r.name as "part of",
       case when a.attinhcount > 0
            then (select 'column ' || i.inhparent::regclass || '.' || quote_ident(a.attname)
                  from pg_inherits i
                  join pg_attribute p on p.attrelid = i.inhparent and p.attname = a.attname
                  where i.inhrelid = a.attrelid order by i.inhseqno limit 1) end as "part of inherited",
       case when r.relkind in ('r', 'p', 'f') then format_type(a.atttypid, a.atttypmod) end as type,
       {{below 18: case when a.attnotnull and r.relkind in ('r', 'p', 'f') then 'yes' end}}
       {{from 18: case when a.attnotnull and r.relkind in ('r', 'p', 'f')
            then (select concat_ws(', ', 'yes',
                         -- The name that the server itself gives is no fact.
                         case when k.conname <> r.relname || '_' || a.attname || '_not_null'
                              then 'constraint ' || quote_ident(k.conname) end,
                         case when not k.convalidated then 'not valid' end,
                         case when k.connoinherit then 'no inherit' end)
                  from pg_constraint k
                  where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum]) end}} as "not null",
       case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as default,
       case a.attgenerated when 's' then pg_get_expr(d.adbin, d.adrelid) || ' stored'
                           when 'v' then pg_get_expr(d.adbin, d.adrelid) || ' virtual' end as generated,
       case when a.attidentity <> ''
            then (select case a.attidentity when 'a' then 'always' else 'by default' end || ', sequence '
                         || concat_ws(', ', s.seqrelid::regclass::text,
                              'type ' || case when s.seqtypid <> a.atttypid then format_type(s.seqtypid, null) end,
                              'start ' || nullif(s.seqstart, case when s.seqincrement > 0 then s.seqmin else s.seqmax end),
                              'increment ' || nullif(s.seqincrement, 1),
                              'minimum ' || nullif(s.seqmin, case when s.seqincrement > 0 then 1 else {{least s}} end),
                              'maximum ' || nullif(s.seqmax, case when s.seqincrement > 0 then {{most s}} else -1 end),
                              'cache ' || nullif(s.seqcache, 1), case when s.seqcycle then 'cycle' end,
                              -- As its table is, where nobody said otherwise; server 14 has logged ones alone.
                              {{below 15: null}}{{from 15: case when q.relpersistence <> r.relpersistence
                                   then case q.relpersistence when 'u' then 'unlogged' else 'logged' end end}})
                  from pg_depend e join pg_sequence s on s.seqrelid = e.objid join pg_class q on q.oid = e.objid
                  where e.classid = 'pg_class'::regclass and e.refclassid = 'pg_class'::regclass
                    and e.refobjid = a.attrelid and e.refobjsubid = a.attnum and e.deptype = 'i') end as identity,
       case when a.attcollation <> t.typcollation and a.attcollation <> 0
            then a.attcollation::regcollation::text end as collation,
       case when a.attstorage <> t.typstorage
            then case a.attstorage when 'p' then 'plain' when 'm' then 'main' when 'e' then 'external'
                                   else 'extended' end end as storage,
       case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end as compression,
       case when a.attstattarget <> -1 then a.attstattarget end as statistics,
       {{list a.attoptions}} as options,
       {{options a.attfdwoptions}} as "foreign options",
       case when a.attinhcount > 0 and a.attislocal and not r.relispartition then 'here too' end as declared,
       case when a.attidentity <> ''
            then (select {{comment pg_class e.objid}} from pg_depend e
                  where e.classid = 'pg_class'::regclass and e.refclassid = 'pg_class'::regclass
                    and e.refobjid = a.attrelid and e.refobjsubid = a.attnum and e.deptype = 'i')
            end as "comment on sequence",
       {{below 18: null}}{{from 18: case when a.attnotnull and r.relkind in ('r', 'p', 'f')
            then (select {{comment pg_constraint k.oid}} from pg_constraint k
                  where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum]) end}}
         as "comment on not null",
       c.description as comment
from {{relations r p f v m c}} r
join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
left join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum
left join pg_description c
  on c.objoid = a.attrelid and c.classoid = 'pg_class'::regclass and c.objsubid = a.attnum and c.objsubid > 0
where r.relkind in ('r', 'p', 'f') or a.atthasdef or c.description is not null or a.attoptions is not null
   or a.attstattarget <> -1 or a.attstorage <> t.typstorage or a.attcompression <> '')"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
