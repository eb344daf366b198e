#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& constraint_queries() {
  static const std::vector<Query> queries{
      // The server makes a foreign key to a partitioned table anew for each partition, under the table that
      // has it: those are no objects.
      {"constraint", R"(
select r.name || '.' || quote_ident(k.conname),
       r.kind || ' ' || r.name as "part of",
       case when k.contype = 'f' then 'table ' || k.confrelid::regclass end as "part of referenced",
       case when k.conparentid <> 0
            then (select 'constraint ' || p.conrelid::regclass || '.' || quote_ident(p.conname)
                  from pg_constraint p where p.oid = k.conparentid)
            when k.coninhcount > 0
            then (select 'constraint ' || p.conrelid::regclass || '.' || quote_ident(p.conname)
                  from pg_inherits h
                  join pg_constraint p on p.conrelid = h.inhparent and p.conname = k.conname and p.contype = k.contype
                  where h.inhrelid = k.conrelid order by h.inhseqno limit 1) end as "part of parent",
       case when k.convalidated and not k.condeferrable then pg_get_constraintdef(k.oid)
            else regexp_replace(pg_get_constraintdef(k.oid),
                                '( DEFERRABLE)?( INITIALLY DEFERRED)?( NOT VALID)?$', '') end as definition,
       -- What is not enforced says so in its definition, and is never validated.
       case when not k.convalidated {{from 18: and k.conenforced}} then 'no' end as validated,
       g.states as triggers,
       case when k.condeferred then 'initially deferred' when k.condeferrable then 'yes' end as deferrable,
       case when k.coninhcount > 0 and k.conislocal and k.contype = 'c' and not r.relispartition
            then 'here too' end as declared,
       {{list x.reloptions}} as options,
       case when i.indisclustered then 'yes' end as clustered,
       case when i.indisreplident then 'yes' end as "replica identity",
       case when not i.indisvalid then 'no' end as valid,
       case when x.relispartition
            then (select 'index ' || h.inhparent::regclass
                  from pg_inherits h join pg_index p on p.indexrelid = h.inhparent and not p.indisvalid
                  where h.inhrelid = x.oid) end as "attached to",
       case when x.reltablespace <> 0
            then (select quote_ident(s.spcname) from pg_tablespace s where s.oid = x.reltablespace) end as tablespace,
       {{extensions pg_class x.oid}} as "depends on extensions",
       {{comment pg_constraint k.oid}} as comment,
       {{comment pg_class x.oid}} as "comment on index"
from {{relations r p f}} r
join pg_constraint k on k.conrelid = r.oid and k.contype in ('p', 'u', 'x', 'c', 'f')
left join pg_index i on i.indexrelid = k.conindid and k.contype <> 'f'
left join pg_class x on x.oid = i.indexrelid
-- `alter table … disable trigger all` turns off those by which the server looks after keys, also those of what
-- it made anew for partitions.
left join (select case when p.conrelid = c.conrelid then p.oid else c.oid end as constraint,
                  string_agg(distinct (case t.tgenabled when 'D' then 'disabled' when 'R' then 'replica' else 'always' end
                                       || ' in ' || t.tgrelid::regclass) collate "C", ', ') as states
           from pg_trigger t
           join pg_constraint c on c.oid = t.tgconstraint
           left join pg_constraint p on p.oid = c.conparentid
           where t.tgisinternal and t.tgenabled <> 'O' group by 1) g on g.constraint = k.oid
where not (k.contype = 'f' and k.conparentid <> 0
           and exists (select from pg_constraint p where p.oid = k.conparentid and p.conrelid = k.conrelid)))"},
      {"domain constraint", R"(
select {{name n t.typname}} || '.' || quote_ident(k.conname),
       'domain ' || {{name n t.typname}} as "part of",
       regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') as definition,
       case when not k.convalidated then 'no' end as validated,
       {{comment pg_constraint k.oid}} as comment
from pg_constraint k
join pg_type t on t.oid = k.contypid
join pg_namespace n on n.oid = t.typnamespace
where k.contypid <> 0 and k.contype = 'c' and {{own pg_type t.oid n}})",
       "exists (select from pg_catalog.pg_type where oid >= 16384 and typtype = 'd')"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
