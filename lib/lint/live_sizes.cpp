#include "lint/live_sizes.h"

#include <string>

namespace dbtool::lint {

std::vector<TableSize> read_live_sizes(pg::Connection& connection) {
  const pg::Result result = connection.query(R"(
    with recursive tree (root, oid) as (
      select c.oid, c.oid
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'm', 'p')
        and n.nspname not in ('pg_catalog', 'information_schema')
        and n.nspname not like 'pg\_toast%'
      union
      select tree.root, i.inhrelid
      from tree
      join pg_catalog.pg_inherits i on i.inhparent = tree.oid)
    select case when n.nspname = 'public' then '' else n.nspname || '.' end || c.relname,
      -- That of a partitioned table itself is the sum of its partitions, if it was analyzed at all.
      coalesce(sum(greatest(one.reltuples, 0)) filter (where one.relkind <> 'p'), 0)::bigint,
      coalesce(sum(pg_catalog.pg_total_relation_size(one.oid)), 0)::bigint
    from tree
    join pg_catalog.pg_class one on one.oid = tree.oid
    join pg_catalog.pg_class c on c.oid = tree.root
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    group by c.oid, n.nspname, c.relname)");
  std::vector<TableSize> sizes;
  for (int row = 0; row < result.rows(); ++row)
    sizes.push_back({std::string(result.text(row, 0)), result.integer(row, 1), result.integer(row, 2)});
  return sizes;
}

}  // namespace dbtool::lint
