#include "catalog/full/query.h"

namespace dbtool::catalog::full {
namespace {

// What functions and procedures have in common. Another tool may have kept the line ends of a file from
// Windows in a body; dbtool defines it with plain ones, which is the same function.
constexpr const char* routine = R"(
select {{name n p.proname}} || '(' || oidvectortypes(p.proargtypes) || ')',
       {{owner p.proowner}},
       pg_get_function_arguments(p.oid) as arguments,
       pg_get_function_result(p.oid) as returns,
       quote_ident(l.lanname) as language,
       case when p.prosqlbody is null then nullif(replace(p.prosrc, E'\r\n', E'\n'), '') end as body,
       pg_get_function_sqlbody(p.oid) as definition,
       p.probin as library,
       case when p.prokind = 'w' then 'yes' end as window,
       case p.provolatile when 'i' then 'immutable' when 's' then 'stable' end as volatility,
       case when p.prosecdef then 'definer' end as security,
       case when p.proisstrict then 'yes' end as strict,
       case when p.proleakproof then 'yes' end as leakproof,
       case p.proparallel when 's' then 'safe' when 'r' then 'restricted' end as parallel,
       case when p.procost <> case when l.lanname in ('c', 'internal') then 1 else 100 end then p.procost end as cost,
       case when p.proretset and p.prorows <> 1000 then p.prorows end as rows,
       nullif(p.prosupport, 0)::regproc::text as support,
       (select string_agg(split_part(x, '=', 1) || '=' || quote_literal(substr(x, strpos(x, '=') + 1)), ', ' order by i)
        from unnest(p.proconfig) with ordinality y (x, i)) as configuration,
       (select string_agg(format_type(t, null), ', ' order by i)
        from unnest(p.protrftypes) with ordinality x (t, i)) as transforms,
       {{extensions pg_proc p.oid}} as "depends on extensions",
       {{comment pg_proc p.oid}} as comment)";

constexpr const char* of_project = R"(
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
where {{own pg_proc p.oid n}}
  -- A range comes with functions that make it.
  and p.oid not in (select m.objid from pg_depend m where m.classid = 'pg_proc'::regclass
                    and m.refclassid = 'pg_type'::regclass and m.deptype = 'i'))";

constexpr const char* is_function = " and p.prokind in ('f', 'w')";

}  // namespace

const std::string& functions_by_oid() {
  static const std::string query = std::string(routine) + ", p.oid as \"(oid)\"" + of_project + is_function +
                                   " and p.oid = any ($1::oid[])";
  return query;
}

const std::vector<Query>& function_queries() {
  static const std::string functions = std::string(routine) + of_project + is_function;
  static const std::string procedures = std::string(routine) + of_project + " and p.prokind = 'p'";
  static const std::vector<Query> queries{
      {"function", functions.c_str()},
      {"procedure", procedures.c_str(),
       "exists (select from pg_catalog.pg_proc where oid >= 16384 and prokind = 'p')"},
      {"aggregate", R"(
select {{name n p.proname}} || '(' || oidvectortypes(p.proargtypes) || ')',
       {{owner p.proowner}},
       pg_get_function_arguments(p.oid) as arguments, pg_get_function_result(p.oid) as returns,
       case a.aggkind when 'o' then 'ordered set' when 'h' then 'hypothetical set' end as form,
       nullif(a.aggnumdirectargs, 0) as "direct arguments",
       a.aggtransfn::text as "transition function", format_type(a.aggtranstype, null) as "transition type",
       nullif(a.aggtransspace, 0) as "transition space", a.agginitval as "initial value",
       nullif(a.aggfinalfn, 0)::regproc::text as "final function",
       case when a.aggfinalextra then 'yes' end as "final function takes all",
       a.aggfinalmodify as "final function modifies",
       nullif(a.aggcombinefn, 0)::regproc::text as "combine function",
       nullif(a.aggserialfn, 0)::regproc::text as "serial function",
       nullif(a.aggdeserialfn, 0)::regproc::text as "deserial function",
       nullif(a.aggmtransfn, 0)::regproc::text as "moving transition function",
       nullif(a.aggminvtransfn, 0)::regproc::text as "moving inverse function",
       nullif(a.aggmfinalfn, 0)::regproc::text as "moving final function",
       case when a.aggmfinalextra then 'yes' end as "moving final function takes all",
       a.aggmfinalmodify as "moving final function modifies",
       case when a.aggmtranstype <> 0 then format_type(a.aggmtranstype, null) end as "moving transition type",
       nullif(a.aggmtransspace, 0) as "moving transition space", a.aggminitval as "moving initial value",
       nullif(a.aggsortop, 0)::regoperator::text as "sort operator",
       case p.proparallel when 's' then 'safe' when 'r' then 'restricted' end as parallel,
       {{comment pg_proc p.oid}} as comment
from pg_proc p
join pg_aggregate a on a.aggfnoid = p.oid
join pg_namespace n on n.oid = p.pronamespace
where {{own pg_proc p.oid n}})",
       "exists (select from pg_catalog.pg_proc where oid >= 16384 and prokind = 'a')"},
  };
  return queries;
}

}  // namespace dbtool::catalog::full
