#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& sequence_queries() {
  static const std::vector<Query> queries{
      // The sequence of an identity column is told by the column.
      {"sequence", R"(
select r.name,
       'column ' || o.column as "part of",
       {{owner r.relowner}},
       o.column as "owned by",
       case when r.relpersistence = 'u' then 'unlogged' end as persistence,
       case when s.seqtypid <> 20 then format_type(s.seqtypid, null) end as type,
       nullif(s.seqstart, case when s.seqincrement > 0 then s.seqmin else s.seqmax end) as start,
       nullif(s.seqincrement, 1) as increment,
       nullif(s.seqmin, case when s.seqincrement > 0 then 1 else {{least s}} end) as minimum,
       nullif(s.seqmax, case when s.seqincrement > 0 then {{most s}} else -1 end) as maximum,
       nullif(s.seqcache, 1) as cache,
       case when s.seqcycle then 'yes' end as cycle,
       {{comment pg_class r.oid}} as comment
from {{relations S}} r
join pg_sequence s on s.seqrelid = r.oid
left join lateral (select e.refobjid::regclass || '.' || quote_ident(a.attname) as column
                   from pg_depend e
                   join pg_attribute a on a.attrelid = e.refobjid and a.attnum = e.refobjsubid
                   where e.classid = 'pg_class'::regclass and e.objid = r.oid
                     and e.refclassid = 'pg_class'::regclass and e.deptype = 'a') o on true
where not exists (select from pg_depend e
                  where e.classid = 'pg_class'::regclass and e.objid = r.oid and e.deptype = 'i'))",
       "exists (select from pg_catalog.pg_class where oid >= 16384 and relkind = 'S')"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
