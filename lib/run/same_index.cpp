#include "run/same_index.h"

#include <fmt/format.h>

#include "pg/quote.h"
#include "pg/transaction.h"
#include "sql/index_form.h"

namespace dbtool::run {

namespace {

// By names and expressions, not by column numbers: those of a table that has lost a column have gaps.
constexpr const char* compare = R"(
with shape as (
  select row(c.relam, i.indisunique, to_jsonb(i) -> 'indnullsnotdistinct', i.indnkeyatts,
             i.indclass::text, i.indcollation::text, i.indoption::text,
             pg_get_expr(i.indpred, i.indrelid), c.reloptions,
             array(select pg_get_indexdef(i.indexrelid, n, false) from generate_series(1, i.indnatts) n
                    order by n))::text as form
    from pg_index i join pg_class c on c.oid = i.indexrelid
   where i.indexrelid = to_regclass($1) or i.indrelid = to_regclass($2))
select count(*) = 2 and count(distinct form) = 1 from shape)";

}  // namespace

SameIndex is_same_index(pg::Connection& connection, const ledger::Session& session,
                        const std::string& create_index, const std::string& index, const std::string& schema,
                        const std::string& table) {
  // Of the same name, for the statement may say `table.column`.
  const std::string copy = "pg_temp." + pg::quote_identifier(table);
  const std::string original =
      pg::quote_identifier(schema.empty() ? "public" : schema) + "." + pg::quote_identifier(table);
  const std::string sql = sql::unnamed_index_on(create_index, copy);
  if (sql.empty()) return SameIndex::unknown;
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  try {
    connection.exec(fmt::format("create temporary table {} (like {})", copy, original));
    connection.exec(sql);
    const bool same = connection.query(compare, {index, copy}).boolean(0, 0);
    transaction.rollback();
    return same ? SameIndex::yes : SameIndex::no;
  } catch (const pg::PgError& error) {
    if (error.is_connection_lost() || error.is_cancelled() || error.is_repeatable()) throw;
    transaction.rollback();
    return SameIndex::unknown;
  }
}

}  // namespace dbtool::run
