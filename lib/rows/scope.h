#pragma once

#include <string>
#include <vector>

#include "pg/connection.h"

namespace dbtool::rows {

/// The tables that are meant: ordinary and partitioned ones of all schemas but the server's own, without
/// temporary tables and those of extensions.
struct Scope {
  std::vector<std::string> excluded_schemas{"dbtool"};
  std::vector<std::string> excluded_tables{};  ///< "schema.name" without quotes
};

/// A condition on pg_class c and pg_namespace n: the relation is one of the scope, whatever its kind.
inline constexpr const char* in_scope = R"(
      n.nspname not like 'pg\_%' and n.nspname <> 'information_schema' and c.relpersistence <> 't'
      and n.nspname <> all ($1::text[]) and n.nspname || '.' || c.relname <> all ($2::text[])
      and not exists (select from pg_depend e
                      where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'))";

/// The two parameters of `in_scope`.
std::vector<pg::Parameter> scope_parameters(const Scope& scope);

/// Sets, until the end of the transaction, everything that decides how values are written and read, so that
/// texts can be compared: time zone, styles, digits, money. With `names`, every name outside pg_catalog is
/// printed with its schema.
pg::Statement plain_settings(bool names);

}  // namespace dbtool::rows
