#include "catalog/full/query.h"

namespace dbtool::catalog::full {

const std::vector<Query>& operator_queries() {
  static const std::vector<Query> queries{
      {"operator", R"(
select o.oid::regoperator::text, {{owner o.oprowner}}, o.oprcode::text as function,
       nullif(o.oprcom, 0)::regoperator::text as commutator, nullif(o.oprnegate, 0)::regoperator::text as negator,
       nullif(o.oprrest, 0)::regproc::text as restrict, nullif(o.oprjoin, 0)::regproc::text as join,
       case when o.oprcanhash then 'yes' end as hashes, case when o.oprcanmerge then 'yes' end as merges,
       {{comment pg_operator o.oid}} as comment
from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
where {{own pg_operator o.oid n}} and o.oprcode <> 0)",
       "exists (select from pg_catalog.pg_operator where oid >= 16384)"},
      // Each operator and function of a family names the class that it belongs to, if any.
      {"operator family", R"(
select {{name n f.opfname}} || ' using ' || quote_ident(a.amname), {{owner f.opfowner}},
       (select string_agg(p.amopstrategy || ' ' || p.amopopr::regoperator
                          || coalesce((select ' for order by ' || {{name m s.opfname}} from pg_opfamily s
                                       join pg_namespace m on m.oid = s.opfnamespace where s.oid = p.amopsortfamily), '')
                          || coalesce(' of ' || c.opcname, ''),
                          ', ' order by p.amopstrategy, p.amoplefttype::regtype::text, p.amoprighttype::regtype::text)
        from pg_amop p
        left join pg_depend d on d.classid = 'pg_amop'::regclass and d.objid = p.oid
                             and d.refclassid = 'pg_opclass'::regclass and d.deptype = 'i'
        left join pg_opclass c on c.oid = d.refobjid
        where p.amopfamily = f.oid) as operators,
       (select string_agg(p.amprocnum || ' (' || format_type(p.amproclefttype, null) || ', '
                          || format_type(p.amprocrighttype, null) || ') ' || p.amproc::regprocedure
                          || coalesce(' of ' || c.opcname, ''),
                          ', ' order by p.amprocnum, p.amproclefttype::regtype::text, p.amprocrighttype::regtype::text)
        from pg_amproc p
        left join pg_depend d on d.classid = 'pg_amproc'::regclass and d.objid = p.oid
                             and d.refclassid = 'pg_opclass'::regclass and d.deptype = 'i'
        left join pg_opclass c on c.oid = d.refobjid
        where p.amprocfamily = f.oid) as functions,
       {{comment pg_opfamily f.oid}} as comment
from pg_opfamily f
join pg_am a on a.oid = f.opfmethod
join pg_namespace n on n.oid = f.opfnamespace
where {{own pg_opfamily f.oid n}})",
       "exists (select from pg_catalog.pg_opfamily where oid >= 16384)"},
      {"operator class", R"(
select {{name n c.opcname}} || ' using ' || quote_ident(a.amname),
       'operator family ' || {{name m f.opfname}} || ' using ' || quote_ident(a.amname) as "part of",
       {{owner c.opcowner}}, {{name m f.opfname}} as family, format_type(c.opcintype, null) as type,
       case when c.opcdefault then 'yes' end as default,
       case when c.opckeytype <> 0 then format_type(c.opckeytype, null) end as storage,
       {{comment pg_opclass c.oid}} as comment
from pg_opclass c
join pg_opfamily f on f.oid = c.opcfamily
join pg_namespace m on m.oid = f.opfnamespace
join pg_am a on a.oid = c.opcmethod
join pg_namespace n on n.oid = c.opcnamespace
where {{own pg_opclass c.oid n}})",
       "exists (select from pg_catalog.pg_opclass where oid >= 16384)"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
