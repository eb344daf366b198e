#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& trigger_queries() {
  static const std::vector<Query> queries{
      // The triggers of foreign keys are internal. Those that partitions have from their table are told when
      // somebody turned them off, or on, on their own.
      {"trigger", R"(
select r.name || '.' || quote_ident(t.tgname), r.kind || ' ' || r.name as "part of",
       'trigger ' || p.tgrelid::regclass || '.' || quote_ident(p.tgname) as "part of parent",
       pg_get_triggerdef(t.oid) as definition,
       case t.tgenabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end as enabled,
       {{extensions pg_trigger t.oid}} as "depends on extensions",
       {{comment pg_trigger t.oid}} as comment
from {{relations r p v f}} r
join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
left join pg_trigger p on p.oid = t.tgparentid and t.tgparentid <> 0
where p.oid is null or p.tgenabled <> t.tgenabled)",
       "exists (select from pg_catalog.pg_trigger where oid >= 16384 and not tgisinternal)"},
      {"policy", R"(
select r.name || '.' || quote_ident(p.polname), r.kind || ' ' || r.name as "part of",
       case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' end
         as command,
       case when not p.polpermissive then 'yes' end as restrictive,
       case when p.polroles <> '{0}'
            then (select string_agg({{role x}}, ', ' order by {{role x}} collate "C") from unnest(p.polroles) x) end
         as roles,
       pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as "check",
       {{comment pg_policy p.oid}} as comment
from {{relations r p}} r join pg_policy p on p.polrelid = r.oid)",
       "exists (select from pg_catalog.pg_policy)"},
      {"event trigger", R"(
select quote_ident(e.evtname), {{owner e.evtowner}}, e.evtevent as event, e.evtfoid::regproc::text as function,
       (select string_agg(quote_literal(x), ', ' order by i) from unnest(e.evttags) with ordinality y (x, i)) as tags,
       case e.evtenabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end as enabled,
       {{comment pg_event_trigger e.oid}} as comment
from pg_event_trigger e where e.oid not in {{members pg_event_trigger}})",
       "exists (select from pg_catalog.pg_event_trigger)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
