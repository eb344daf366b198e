#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& publication_queries() {
  static const std::vector<Query> queries{
      {"publication", R"(
select quote_ident(p.pubname), {{owner p.pubowner}},
       case when p.puballtables then 'yes' end as "all tables",
       nullif(concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
                        case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end),
              'insert, update, delete, truncate') as publishes,
       case when p.pubviaroot then 'yes' end as "via root",
       {{from 18: case when p.pubgencols <> 'n' then 'stored' end}}{{below 18: null}} as "generated columns",
       {{comment pg_publication p.oid}} as comment
from pg_publication p where p.oid not in {{members pg_publication}})",
       "exists (select from pg_catalog.pg_publication)"},
      {"publication table", R"(
select quote_ident(p.pubname) || ': ' || r.name, 'publication ' || quote_ident(p.pubname) as "part of",
       r.kind || ' ' || r.name as "part of table",
       {{from 15: (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
                   where a.attrelid = x.prrelid and a.attnum = any (x.prattrs))}}{{below 15: null}} as columns,
       {{from 15: pg_get_expr(x.prqual, x.prrelid)}}{{below 15: null}} as "where"
from {{relations r p}} r
join pg_publication_rel x on x.prrelid = r.oid
join pg_publication p on p.oid = x.prpubid)",
       "exists (select from pg_catalog.pg_publication_rel)"},
      {"publication schema", R"(
{{below 15: select null where false}}{{from 15:
select quote_ident(p.pubname) || ': ' || quote_ident(n.nspname), 'publication ' || quote_ident(p.pubname) as "part of",
       'schema ' || quote_ident(n.nspname) as "part of schema"
from pg_publication_namespace x
join pg_publication p on p.oid = x.pnpubid
join pg_namespace n on n.oid = x.pnnspid}})",
       "{{below 15: false}}{{from 15: exists (select from pg_catalog.pg_publication_namespace)}}"},
      // The connection string is for superusers' eyes alone.
      {"subscription", R"(
select quote_ident(s.subname), {{owner s.subowner}}, s.subslotname as slot,
       (select string_agg(quote_ident(x), ', ' order by i) from unnest(s.subpublications) with ordinality y (x, i))
         as publications,
       case when s.subbinary then 'yes' end as binary,
       {{below 16: case when s.substream then 'on' end}}
       {{from 16: case s.substream when 't' then 'on' when 'p' then 'parallel' end}} as streaming,
       nullif(s.subsynccommit, 'off') as "synchronous commit",
       {{from 15: case when s.subtwophasestate <> 'd' then 'yes' end}}{{below 15: null}} as "two phase",
       {{from 15: case when s.subdisableonerr then 'yes' end}}{{below 15: null}} as "disable on error",
       {{from 16: nullif(s.suborigin, 'any')}}{{below 16: null}} as origin,
       {{from 16: case when not s.subpasswordrequired then 'no' end}}{{below 16: null}} as "password required",
       {{from 16: case when s.subrunasowner then 'yes' end}}{{below 16: null}} as "runs as owner",
       {{from 17: case when s.subfailover then 'yes' end}}{{below 17: null}} as failover,
       (select d.description from pg_description d
        where d.objoid = s.oid and d.classoid = 'pg_subscription'::regclass) as comment
from pg_subscription s where s.subdbid = (select d.oid from pg_database d where d.datname = current_database()))",
       "exists (select s.oid from pg_catalog.pg_subscription s)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
