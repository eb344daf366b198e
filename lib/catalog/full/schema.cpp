#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& schema_queries() {
  static const std::vector<Query> queries{
      {"schema", R"(
select quote_ident(n.nspname),
       -- Whoever owns the schema that every database is born with is nobody's doing.
       case when n.nspname <> 'public' or n.nspowner not in (10, {{from 14: 6171}}{{below 14: 10}})
            then nullif({{role n.nspowner}}, '$owner$') end as owner,
       nullif({{comment pg_namespace n.oid}}, 'standard public schema') as comment
from pg_namespace n
where {{own pg_namespace n.oid n}})"},
      {"extension", R"(
select quote_ident(e.extname), quote_ident(n.nspname) as schema, e.extversion as version,
       {{comment pg_extension e.oid}} as comment
from pg_extension e join pg_namespace n on n.oid = e.extnamespace
where e.extname <> 'plpgsql')",
       "exists (select from pg_catalog.pg_extension where extname <> 'plpgsql')"},
      {"access method", R"(
select quote_ident(a.amname), a.amhandler::regproc::text as handler,
       case a.amtype when 't' then 'table' else 'index' end as type, {{comment pg_am a.oid}} as comment
from pg_am a where a.oid >= 16384 and a.oid not in {{members pg_am}})",
       "exists (select from pg_catalog.pg_am where oid >= 16384)"},
      {"language", R"(
select quote_ident(l.lanname), {{owner l.lanowner}},
       l.lanplcallfoid::regproc::text as handler, nullif(l.laninline, 0)::regproc::text as inline,
       nullif(l.lanvalidator, 0)::regproc::text as validator, case when l.lanpltrusted then 'yes' end as trusted,
       {{comment pg_language l.oid}} as comment
from pg_language l where l.lanispl and l.oid >= 16384 and l.oid not in {{members pg_language}})",
       "exists (select from pg_catalog.pg_language where oid >= 16384)"},
      {"security label", R"(
select quote_ident(s.provider) || ' on ' || i.type || ' ' || i.identity, s.label as label
from pg_seclabel s, pg_identify_object(s.classoid, s.objoid, s.objsubid) i)",
       "exists (select from pg_catalog.pg_seclabel)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
