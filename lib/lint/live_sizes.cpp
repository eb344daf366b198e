#include "lint/live_sizes.h"

#include <string>

namespace dbtool::lint {

std::vector<TableSize> read_live_sizes(pg::Connection& connection) {
  const pg::Result result = connection.query(R"(
    select case when n.nspname = 'public' then '' else n.nspname || '.' end || c.relname,
      greatest(c.reltuples, 0)::bigint,
      pg_catalog.pg_total_relation_size(c.oid)
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm')
      and n.nspname not in ('pg_catalog', 'information_schema')
      and n.nspname not like 'pg\_toast%')");
  std::vector<TableSize> sizes;
  for (int row = 0; row < result.rows(); ++row)
    sizes.push_back({std::string(result.text(row, 0)), result.integer(row, 1), result.integer(row, 2)});
  return sizes;
}

}  // namespace dbtool::lint
