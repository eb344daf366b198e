#include "call/call.h"
#include "pg/quote.h"
#include "pg/transaction.h"

namespace dbtool::call {

namespace {

pg::Result run(pg::Connection& connection, const Call& call, const std::string& sql,
               const std::string& role) {
  std::string setup =
      "select set_config('search_path', 'public', true), set_config('DateStyle', 'ISO, MDY', true), "
      "set_config('client_encoding', 'UTF8', true)";
  if (!role.empty()) setup += ", set_config('role', " + pg::quote_literal(role) + ", true)";
  pg::Transaction transaction(connection, call.read_only ? "read only" : "read write", {{setup, {}}});
  try {
    pg::Result result = connection.query(sql, call.parameters);
    transaction.commit();
    return result;
  } catch (const pg::PgError& error) {
    // Elsewhere this state means a server that takes no writes at all.
    if (!call.read_only || !error.is("25006")) throw;
    throw pg::PgError(
        ExitCode::failed, error.fields(),
        call.name + " is declared with mode `read` and runs in a read-only transaction; it may not write");
  }
}

}  // namespace

pg::Result run_table(pg::Connection& connection, const Call& call, const std::string& role) {
  return run(connection, call, call.sql, role);
}

std::string run_json(pg::Connection& connection, const Call& call, const std::string& role) {
  const std::string sql =
      "select coalesce(json_agg(row_to_json(called)), '[]')::text from (" + call.sql + ") called";
  return std::string(run(connection, call, sql, role).text(0, 0));
}

}  // namespace dbtool::call
