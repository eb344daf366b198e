#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& table_queries() {
  static const std::vector<Query> queries{
      // 2 is heap.
      {"table", R"(
select r.name,
       case when r.relispartition then 'table ' || i.parents end as "part of",
       array_to_string(array(select quote_ident(a.attname) from pg_attribute a
                             where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped order by a.attnum),
                       ', ') as columns,
       {{owner r.relowner}},
       case when r.relpersistence = 'u' then 'unlogged' end as persistence,
       case when r.relkind = 'p' then pg_get_partkeydef(r.oid) end as "partitioned by",
       case when r.relispartition
            then 'of ' || i.parents || ' ' || pg_get_expr(r.relpartbound, r.oid) || i.pending end as partition,
       case when not r.relispartition then i.parents end as inherits,
       case when r.reloftype <> 0 then format_type(r.reloftype, null) end as "of type",
       case when r.relam <> 2
            then (select quote_ident(m.amname) from pg_am m where m.oid = r.relam) end as "access method",
       {{list r.reloptions}} as options,
       {{list t.reloptions}} as "toast options",
       case r.relreplident when 'n' then 'nothing' when 'f' then 'full' end as "replica identity",
       case when r.reltablespace <> 0
            then (select quote_ident(s.spcname) from pg_tablespace s where s.oid = r.reltablespace) end as tablespace,
       case when r.relrowsecurity and r.relforcerowsecurity then 'enabled, forced'
            when r.relrowsecurity then 'enabled' when r.relforcerowsecurity then 'forced' end as "row security",
       {{comment pg_class r.oid}} as comment
from {{relations r p}} r
left join (select i.inhrelid, string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno) as parents,
                  case when bool_or(i.inhdetachpending) then ' (detach pending)' else '' end as pending
           from pg_inherits i group by i.inhrelid) i on i.inhrelid = r.oid
left join pg_class t on t.oid = r.reltoastrelid and t.reloptions is not null)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
