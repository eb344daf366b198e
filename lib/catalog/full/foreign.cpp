#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& foreign_queries() {
  static const std::vector<Query> queries{
      {"foreign table", R"(
select r.name, 'server ' || quote_ident(s.srvname) as "part of", {{owner r.relowner}},
       (select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        from pg_attribute a where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped) as columns,
       quote_ident(s.srvname) as server, {{options t.ftoptions}} as options,
       case when r.relispartition
            then 'of ' || i.parents || ' ' || pg_get_expr(r.relpartbound, r.oid) end as partition,
       case when not r.relispartition then i.parents end as inherits,
       {{comment pg_class r.oid}} as comment
from {{relations f}} r
join pg_foreign_table t on t.ftrelid = r.oid
join pg_foreign_server s on s.oid = t.ftserver
left join (select i.inhrelid, string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno) as parents
           from pg_inherits i group by i.inhrelid) i on i.inhrelid = r.oid)",
       "exists (select from pg_catalog.pg_class where oid >= 16384 and relkind = 'f')"},
      {"foreign data wrapper", R"(
select quote_ident(w.fdwname), {{owner w.fdwowner}}, nullif(w.fdwhandler, 0)::regproc::text as handler,
       nullif(w.fdwvalidator, 0)::regproc::text as validator, {{options w.fdwoptions}} as options,
       {{comment pg_foreign_data_wrapper w.oid}} as comment
from pg_foreign_data_wrapper w where w.oid not in {{members pg_foreign_data_wrapper}})",
       "exists (select from pg_catalog.pg_foreign_data_wrapper)"},
      {"server", R"(
select quote_ident(s.srvname), 'foreign data wrapper ' || quote_ident(w.fdwname) as "part of", {{owner s.srvowner}},
       quote_ident(w.fdwname) as wrapper, s.srvtype as type, s.srvversion as version,
       {{options s.srvoptions}} as options, {{comment pg_foreign_server s.oid}} as comment
from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw
where s.oid not in {{members pg_foreign_server}})",
       "exists (select from pg_catalog.pg_foreign_server)"},
      // Secrets are not to be seen in findings, nor in files.
      {"user mapping", R"(
select {{role m.umuser}} || ' on ' || quote_ident(m.srvname), 'server ' || quote_ident(m.srvname) as "part of",
       (select string_agg(quote_ident(split_part(x, '=', 1)) || ' '
                          || case when x ~ '^((ssl)?password|passfile)=' then '…'
                                  else quote_literal(substr(x, strpos(x, '=') + 1)) end, ', ' order by i)
        from unnest(m.umoptions) with ordinality y (x, i)) as options
from pg_user_mappings m)",
       "exists (select from pg_catalog.pg_foreign_server)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
