#include "ledger/readable.h"

#include <fmt/format.h>

#include "pg/quote.h"

namespace dbtool::ledger {

bool are_readable(pg::Connection& connection, const std::vector<std::string>& tables) {
  return connection
      .query(
          R"(select bool_and(coalesce(has_table_privilege(to_regclass('dbtool.' || name)::oid, 'select'), false))
                  from unnest($1::text[]) as t (name))",
          {pg::array_literal(tables)})
      .boolean(0, 0);
}

std::vector<std::string> unreadable_tables(pg::Connection& connection) {
  const pg::Result rows = connection.query(R"(
      select 'dbtool.' || quote_ident(relname) from pg_class
       where relnamespace = to_regnamespace('dbtool') and relkind = 'r' and not has_table_privilege(oid, 'select')
       order by relname)");
  std::vector<std::string> tables;
  for (int row = 0; row < rows.rows(); ++row) tables.emplace_back(rows.text(row, 0));
  return tables;
}

void rethrow_unreadable(const pg::Connection& connection, const pg::PgError& error) {
  if (!error.is_permission_denied()) throw;
  const std::string user = pg::quote_identifier(connection.user());
  throw Error(
      ExitCode::failed,
      fmt::format("{} may not read what dbtool has recorded in this database: {}", connection.user(),
                  error.fields().message),
      fmt::format("connect as the role that runs upgrades; or let it, or a superuser, say: grant usage on "
                  "schema dbtool to {0}; grant select on all tables in schema dbtool to {0} (the same for "
                  "the version table and its schema, where that is elsewhere)",
                  user));
}

}  // namespace dbtool::ledger
