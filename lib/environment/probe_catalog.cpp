#include "environment/probe_catalog.h"

#include <fmt/format.h>

namespace dbtool::environment {

ProbeCatalog read_probe_catalog(pg::Connection& connection) {
  ProbeCatalog catalog;
  const auto results = connection.batch({
      {R"(select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end,
                 c.relkind = 'p', c.relkind = 'f', c.relkind = 'r' and n.nspname = 'public' and not c.relispartition,
                 exists (select from pg_constraint k
                          where k.contype = 'f' and k.confrelid = c.oid and k.confdeltype in ('c', 'n', 'd'))
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind <> 't')"},
      // Of an extension's functions the volatile ones may do anything, but those that only draw random
      // numbers.
      {R"(select p.proname, case when e.extname is null then l.lanname else 'the extension ' || e.extname end,
                 e.extname is null and (l.lanpltrusted or l.lanname = 'internal'), p.prosrc
            from pg_proc p join pg_language l on l.oid = p.prolang
            left join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
            left join pg_extension e on e.oid = d.refobjid
           where p.pronamespace <> 'pg_catalog'::regnamespace
             and p.pronamespace <> 'information_schema'::regnamespace
             and (e.extname is null or p.provolatile = 'v' and e.extname not in ('pgcrypto', 'uuid-ossp')))"},
      {R"(select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end, p.proname
            from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
            join pg_proc p on p.oid = t.tgfoid
           where not t.tgisinternal and t.tgenabled <> 'D')"},
      {R"(select distinct case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end,
                 s.oid::regclass::text
            from pg_depend d
            join pg_class s on s.oid = d.refobjid and d.refclassid = 'pg_class'::regclass and s.relkind = 'S'
            join pg_attrdef a on a.oid = d.objid and d.classid = 'pg_attrdef'::regclass
            join pg_class c on c.oid = a.adrelid join pg_namespace n on n.oid = c.relnamespace
          union
          select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end,
                 s.oid::regclass::text
            from pg_depend d
            join pg_class s on s.oid = d.objid and d.classid = 'pg_class'::regclass and s.relkind = 'S'
            join pg_class c on c.oid = d.refobjid and d.refclassid = 'pg_class'::regclass
            join pg_namespace n on n.oid = c.relnamespace
           where d.deptype = 'i')"},
      {R"(select t.evtname, p.proname from pg_event_trigger t join pg_proc p on p.oid = t.evtfoid
           where t.evtenabled <> 'D' order by 1)"},
  });
  for (int row = 0; row < results[0].rows(); ++row) {
    catalog.existing.emplace(results[0].text(row, 0));
    if (results[0].boolean(row, 1)) catalog.partitioned.emplace(results[0].text(row, 0));
    if (results[0].boolean(row, 2)) catalog.foreign.emplace(results[0].text(row, 0));
    if (results[0].boolean(row, 3)) catalog.ordinary.emplace(results[0].text(row, 0));
    if (results[0].boolean(row, 4)) catalog.cascading.emplace(results[0].text(row, 0));
  }
  for (int row = 0; row < results[1].rows(); ++row)
    catalog.functions.add(std::string(results[1].text(row, 0)),
                          {std::string(results[1].text(row, 1)), results[1].boolean(row, 2),
                           std::string(results[1].text(row, 3))});
  for (int row = 0; row < results[2].rows(); ++row)
    catalog.triggers[std::string(results[2].text(row, 0))].emplace_back(results[2].text(row, 1));
  for (int row = 0; row < results[3].rows(); ++row)
    catalog.sequences[std::string(results[3].text(row, 0))].emplace_back(results[3].text(row, 1));
  for (int row = 0; row < results[4].rows() && catalog.event_trigger_fault.empty(); ++row) {
    const std::string fault = catalog.functions.fault_of(std::string(results[4].text(row, 1)));
    if (!fault.empty())
      catalog.event_trigger_fault = fmt::format("event trigger {}: {}", results[4].text(row, 0), fault);
  }
  return catalog;
}

}  // namespace dbtool::environment
