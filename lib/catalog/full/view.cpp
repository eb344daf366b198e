#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& view_queries() {
  static const std::vector<Query> queries{
      {"view", R"(
select r.name, {{owner r.relowner}}, pg_get_viewdef(r.oid) as definition,
       (select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                          || case when a.attcollation <> 0 then ' collate ' || a.attcollation::regcollation else '' end,
                          ', ' order by a.attnum)
        from pg_attribute a where a.attrelid = r.oid and a.attnum > 0) as columns,
       {{list r.reloptions}} as options, {{comment pg_class r.oid}} as comment
from {{relations v}} r)",
       "exists (select from pg_catalog.pg_class where oid >= 16384 and relkind = 'v')"},
      {"materialized view", R"(
select r.name, {{owner r.relowner}}, pg_get_viewdef(r.oid) as definition,
       case when not r.relispopulated then 'no' end as populated,
       (select quote_ident(m.amname) from pg_am m where m.oid = r.relam and m.amname <> 'heap') as "access method",
       {{list r.reloptions}} as options,
       (select {{list t.reloptions}} from pg_class t where t.oid = r.reltoastrelid) as "toast options",
       case when r.reltablespace <> 0
            then (select quote_ident(s.spcname) from pg_tablespace s where s.oid = r.reltablespace) end as tablespace,
       {{extensions pg_class r.oid}} as "depends on extensions",
       {{comment pg_class r.oid}} as comment
from {{relations m}} r)",
       "exists (select from pg_catalog.pg_class where oid >= 16384 and relkind = 'm')"},
      {"rule", R"(
select r.name || '.' || quote_ident(w.rulename), r.kind || ' ' || r.name as "part of",
       pg_get_ruledef(w.oid) as definition,
       case w.ev_enabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end as enabled,
       {{comment pg_rewrite w.oid}} as comment
from {{relations r p v}} r
join pg_rewrite w on w.ev_class = r.oid and w.rulename <> '_RETURN')",
       "exists (select from pg_catalog.pg_rewrite where oid >= 16384 and rulename <> '_RETURN')"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
