#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& index_queries() {
  static const std::vector<Query> queries{
      // An index that a constraint made is told by the constraint.
      {"index", R"(
select {{name n x.relname}},
       r.kind || ' ' || r.name as "part of",
       case when x.relispartition
            then (select 'index ' || h.inhparent::regclass from pg_inherits h where h.inhrelid = x.oid)
            end as "part of parent",
       pg_get_indexdef(i.indexrelid) as definition,
       case when not i.indisvalid then 'no' end as valid,
       -- Of a valid index of a partitioned table, each partition has its part: that is no fact.
       case when x.relispartition
            then (select 'index ' || h.inhparent::regclass
                  from pg_inherits h join pg_index p on p.indexrelid = h.inhparent and not p.indisvalid
                  where h.inhrelid = x.oid) end as "attached to",
       case when i.indisclustered then 'yes' end as clustered,
       case when i.indisreplident then 'yes' end as "replica identity",
       case when x.reltablespace <> 0
            then (select quote_ident(s.spcname) from pg_tablespace s where s.oid = x.reltablespace) end as tablespace,
       case when i.indexprs is not null
            then (select string_agg(a.attnum || ': ' || a.attstattarget, ', ' order by a.attnum) from pg_attribute a
                  where a.attrelid = x.oid and a.attnum > 0 and a.attstattarget <> -1) end as statistics,
       {{extensions pg_class x.oid}} as "depends on extensions",
       {{comment pg_class x.oid}} as comment
from {{relations r p m}} r
join pg_index i on i.indrelid = r.oid and not i.indisprimary and not i.indisexclusion
join pg_class x on x.oid = i.indexrelid
join pg_namespace n on n.oid = x.relnamespace
where x.oid not in {{members pg_class}}
  and not (i.indisunique and exists (select from pg_constraint k
                                     where k.conindid = x.oid and k.contype = 'u' and k.conrelid = r.oid)))"},
      {"statistics", R"(
select {{name n s.stxname}},
       r.kind || ' ' || r.name as "part of", {{owner s.stxowner}},
       pg_get_statisticsobjdef(s.oid) as definition,
       case when s.stxstattarget <> -1 then s.stxstattarget end as "statistics target",
       {{comment pg_statistic_ext s.oid}} as comment
from {{relations r p m f}} r
join pg_statistic_ext s on s.stxrelid = r.oid
join pg_namespace n on n.oid = s.stxnamespace
where s.oid not in {{members pg_statistic_ext}})",
       "exists (select from pg_catalog.pg_statistic_ext)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
