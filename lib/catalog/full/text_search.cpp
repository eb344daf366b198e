#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& text_search_queries() {
  static const std::vector<Query> queries{
      {"text search parser", R"(
select {{name n p.prsname}}, p.prsstart::text as start, p.prstoken::text as token, p.prsend::text as "end",
       nullif(p.prsheadline, 0)::regproc::text as headline, p.prslextype::text as types,
       {{comment pg_ts_parser p.oid}} as comment
from pg_ts_parser p join pg_namespace n on n.oid = p.prsnamespace
where {{own pg_ts_parser p.oid n}})",
       "exists (select from pg_catalog.pg_ts_parser where oid >= 16384)"},
      {"text search template", R"(
select {{name n t.tmplname}}, nullif(t.tmplinit, 0)::regproc::text as init, t.tmpllexize::text as lexize,
       {{comment pg_ts_template t.oid}} as comment
from pg_ts_template t join pg_namespace n on n.oid = t.tmplnamespace
where {{own pg_ts_template t.oid n}})",
       "exists (select from pg_catalog.pg_ts_template where oid >= 16384)"},
      {"text search dictionary", R"(
select {{name n d.dictname}}, {{owner d.dictowner}}, {{name m t.tmplname}} as template, d.dictinitoption as options,
       {{comment pg_ts_dict d.oid}} as comment
from pg_ts_dict d
join pg_namespace n on n.oid = d.dictnamespace
join pg_ts_template t on t.oid = d.dicttemplate
join pg_namespace m on m.oid = t.tmplnamespace
where {{own pg_ts_dict d.oid n}})",
       "exists (select from pg_catalog.pg_ts_dict where oid >= 16384)"},
      {"text search configuration", R"(
select {{name n c.cfgname}}, {{owner c.cfgowner}}, {{name m p.prsname}} as parser,
       (select string_agg(k.alias || ': ' || k.dictionaries, '; ' order by k.alias collate "C")
        from (select t.alias, string_agg(x.mapdict::regdictionary::text, ', ' order by x.mapseqno) as dictionaries
              from pg_ts_config_map x
              join ts_token_type(c.cfgparser) t on t.tokid = x.maptokentype
              where x.mapcfg = c.oid group by t.alias) k) as mapping,
       {{comment pg_ts_config c.oid}} as comment
from pg_ts_config c
join pg_namespace n on n.oid = c.cfgnamespace
join pg_ts_parser p on p.oid = c.cfgparser
join pg_namespace m on m.oid = p.prsnamespace
where {{own pg_ts_config c.oid n}})",
       "exists (select from pg_catalog.pg_ts_config where oid >= 16384)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
