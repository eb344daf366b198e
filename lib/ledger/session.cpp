#include "ledger/session.h"

#include <fmt/format.h>

#include "ledger/run_lock.h"
#include "pg/quote.h"

namespace dbtool::ledger {

Session Session::from(const Settings& settings) {
  return {settings.role, pg::quote_qualified(settings.version_table)};
}

std::vector<pg::Statement> Session::setup(int server_version, std::chrono::milliseconds lock_timeout) const {
  // With `row_security` on, a query takes the rows that a policy shows to this role for all there are: a copy
  // would lack the others and be called complete. Off, such a query is an error.
  std::string sql = R"(select set_config('search_path', 'public', true),
       set_config('statement_timeout', '0', true),
       set_config('lock_timeout', $1, true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('default_transaction_isolation', 'read committed', true),
       set_config('DateStyle', 'ISO, MDY', true),
       set_config('client_encoding', 'UTF8', true),
       set_config('check_function_bodies', 'on', true),
       set_config('row_security', 'off', true),
       set_config('standard_conforming_strings', 'on', true),
       set_config('client_min_messages', 'log', true),
       set_config('client_connection_check_interval', '2s', true))";
  // Whatever a run has open can be found by the next one: a network that was cut leaves it open, with its
  // locks.
  sql += fmt::format(",\n       pg_advisory_xact_lock_shared({}, {})", lock_class, run_key);
  if (server_version >= 170000) sql += ",\n       set_config('transaction_timeout', '0', true)";
  if (!role.empty()) sql += fmt::format(",\n       set_config('role', {}, true)", pg::quote_literal(role));
  return {{sql, {std::to_string(lock_timeout.count())}, true}};
}

namespace {

/// As a setting in a start packet, where spaces part them.
std::string start_option(const std::string& name, const std::string& value) {
  std::string option = "-c " + name + "=";
  for (const char c : value) {
    if (c == '\\' || c == ' ') option += '\\';
    option += c;
  }
  return option;
}

}  // namespace

pg::Connection open_as(const pg::Address& address, const std::string& role) {
  pg::Connection connection = pg::Connection::open(address);
  if (role.empty()) return connection;
  // To be a member and to be allowed to take the role are two things since 16.
  const char* right = connection.server_version() >= 160000 ? "SET" : "MEMBER";
  const pg::Result found =
      connection.query(fmt::format("select pg_has_role(oid, '{}') and not pg_has_role(oid, 'USAGE') "
                                   "from pg_roles where rolname = $1",
                                   right),
                       {role});
  if (found.rows() == 0 || !found.boolean(0, 0)) return connection;
  pg::Address as_role = address;
  as_role.options.push_back(start_option("role", role));
  return pg::Connection::open(as_role);
}

namespace {

[[noreturn]] void refuse(const char* sqlstate, std::string message) {
  pg::ErrorFields fields;
  fields.severity = "ERROR";
  fields.sqlstate = sqlstate;
  fields.message = std::move(message);
  throw pg::PgError(ExitCode::failed, std::move(fields));
}

void judge(const Fence& fence, const pg::Result& found) {
  const std::string run = found.is_null(0, 1) ? "nobody" : fmt::format("run {}", found.text(0, 1));
  if (run != fmt::format("run {}", fence.run)) {
    refuse(fenced_state, fmt::format("{} has taken over from run {}", run, fence.run));
  }
  const std::string version(found.is_null(0, 2) ? "nothing" : found.text(0, 2));
  if (version != std::to_string(fence.expected)) {
    refuse(wrong_version_state, fmt::format("the version row says {}, expected {}", version, fence.expected));
  }
}

}  // namespace

std::vector<pg::Statement> fence_statements(const Session& session, const Fence& fence) {
  // The step's lock tells a later run of an orphan; the ledger's row, locked against change until the
  // transaction ends, keeps a run that has lost its lock from committing after another has begun.
  pg::Statement statement{fmt::format(R"(select pg_advisory_xact_lock_shared({}, $1),
       (select current_run from dbtool.ledger for share) as current_run,
       (select version from {} for {}) as version)",
                                      lock_class, session.version_table,
                                      fence.mode == Fence::Mode::exclusive ? "update" : "share"),
                          {std::to_string(fence.version)},
                          true};
  statement.judge = [fence](const pg::Result& found) { judge(fence, found); };
  return {std::move(statement)};
}

}  // namespace dbtool::ledger
