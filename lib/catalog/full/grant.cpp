#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& grant_queries() {
  static const std::vector<Query> queries{
      // What an access list gives beyond the one that an object of its kind is born with, and what it lacks
      // of that. Many objects share a few lists, so each is taken apart once. `basic` are the schemas that
      // every service user may use.
      {"grant", R"(
with holders as materialized (
  select r.kind || ' ' || r.name as holder, r.relowner as owner, false as basic, r.relacl as list,
         acldefault(case when r.relkind = 'S' then 's' else 'r' end::"char", r.relowner) as usual, null as maker
  from {{relations r p v m f S}} r where r.relacl is not null
  union all
  select 'column ' || r.name || '.' || quote_ident(a.attname), r.relowner, false, a.attacl, acldefault('c', r.relowner), null
  from {{relations r p v m f}} r join pg_attribute a on a.attrelid = r.oid
  where a.attacl is not null and a.attnum > 0 and not a.attisdropped
  union all
  select case p.prokind when 'a' then 'aggregate ' when 'p' then 'procedure ' else 'function ' end
           || {{name n p.proname}} || '(' || oidvectortypes(p.proargtypes) || ')',
         p.proowner, false, p.proacl, acldefault('f', p.proowner),
         -- A range comes with functions that make it, and with one of many.
         (select 'range type ' || g.rngtypid::regtype from pg_depend m
          join pg_range g on m.refobjid in (g.rngtypid, g.rngmultitypid)
          where m.classid = 'pg_proc'::regclass and m.objid = p.oid and m.refclassid = 'pg_type'::regclass
            and m.deptype = 'i')
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where p.proacl is not null and {{own pg_proc p.oid n}}
  union all
  select case t.typtype when 'e' then 'enum ' when 'd' then 'domain ' when 'c' then 'composite type '
                        when 'r' then 'range type ' when 'm' then 'multirange type ' else 'base type ' end
           || {{name n t.typname}},
         t.typowner, false, t.typacl, acldefault('T', t.typowner),
         (select 'range type ' || g.rngtypid::regtype from pg_range g where g.rngmultitypid = t.oid)
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typacl is not null and {{own pg_type t.oid n}}
  union all
  select 'schema ' || quote_ident(n.nspname), n.nspowner, n.nspname in ('public', {{version schema}}),
         coalesce(n.nspacl, acldefault('n', n.nspowner)),
         case when n.nspname <> 'public' then acldefault('n', n.nspowner)
              else acldefault('n', n.nspowner) || makeaclitem(0, n.nspowner, 'USAGE', false)
                   {{below 15: || makeaclitem(0, n.nspowner, 'CREATE', false)}} end, null
  from pg_namespace n where {{own pg_namespace n.oid n}}
  union all
  select 'language ' || quote_ident(l.lanname), l.lanowner, false, l.lanacl, acldefault('l', l.lanowner), null
  from pg_language l where l.lanispl and l.lanacl is not null
  union all
  select 'foreign data wrapper ' || quote_ident(w.fdwname), w.fdwowner, false, w.fdwacl, acldefault('F', w.fdwowner), null
  from pg_foreign_data_wrapper w where w.fdwacl is not null and w.oid not in {{members pg_foreign_data_wrapper}}
  union all
  select 'server ' || quote_ident(s.srvname), s.srvowner, false, s.srvacl, acldefault('S', s.srvowner), null
  from pg_foreign_server s where s.srvacl is not null and s.oid not in {{members pg_foreign_server}}),
lists as (select distinct owner, basic, list, usual from holders),
entries as materialized (
  select l.owner, l.basic, l.list, l.usual, x.grantee, x.grantor, coalesce(x.given, 'none') as privileges
  from lists l
  cross join lateral (
    select e.grantee, e.grantor,
           string_agg(e.privilege, ', ' order by e.privilege) filter (where e.given) as given,
           string_agg(e.privilege, ', ' order by e.privilege) filter (where not e.given) as usual
    from (select a.grantee, a.grantor, true as given,
                 lower(a.privilege_type) || case when a.is_grantable then ' with grant option' else '' end as privilege
          from aclexplode(l.list) a
          union all
          select a.grantee, a.grantor, false, lower(a.privilege_type) from aclexplode(l.usual) a) e
    where not (l.basic and e.privilege = 'usage' and {{is service e.grantee}})
    group by e.grantee, e.grantor) x
  where x.given is distinct from x.usual)
select {{role e.grantee}} || ' on ' || h.holder
         || case when e.grantor <> h.owner then ' by ' || {{role e.grantor}} else '' end,
       h.holder as "part of", h.maker as "part of maker", e.privileges as privileges
from holders h join entries e using (list, usual, owner, basic))"},
      {"default privileges", R"(
select {{role d.defaclrole}} || coalesce(' in schema ' || quote_ident(n.nspname), '') || ' on '
         || case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
                                 when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end
         || ' to ' || {{role x.grantee}},
       'schema ' || quote_ident(n.nspname) as "part of",
       coalesce(x.given, 'none') as privileges
from pg_default_acl d
left join pg_namespace n on n.oid = d.defaclnamespace and d.defaclnamespace <> 0
cross join lateral (
  select e.grantee, string_agg(e.privilege, ', ' order by e.privilege) filter (where e.given) as given,
         string_agg(e.privilege, ', ' order by e.privilege) filter (where not e.given) as usual
  from (select a.grantee, true as given,
               lower(a.privilege_type) || case when a.is_grantable then ' with grant option' else '' end as privilege
        from aclexplode(d.defaclacl) a
        union all
        select a.grantee, false, lower(a.privilege_type)
        from aclexplode(case when d.defaclnamespace = 0
                             then acldefault(case when d.defaclobjtype = 'S' then 's' else d.defaclobjtype end,
                                             d.defaclrole) end) a) e
  group by e.grantee) x
where x.given is distinct from x.usual and (n.nspname is null or {{own pg_namespace n.oid n}}))",
       "exists (select from pg_catalog.pg_default_acl)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
