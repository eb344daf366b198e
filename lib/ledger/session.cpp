#include "ledger/session.h"

#include <fmt/format.h>

#include "ledger/run_lock.h"
#include "pg/quote.h"

namespace dbtool::ledger {

Session Session::from(const Settings& settings) {
  return {settings.role, pg::quote_qualified(settings.version_table)};
}

std::vector<pg::Statement> Session::setup(int server_version) const {
  std::string sql = R"(select set_config('search_path', 'public', true),
       set_config('statement_timeout', '0', true),
       set_config('lock_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('default_transaction_isolation', 'read committed', true),
       set_config('DateStyle', 'ISO, MDY', true),
       set_config('client_encoding', 'UTF8', true),
       set_config('check_function_bodies', 'on', true),
       set_config('standard_conforming_strings', 'on', true),
       set_config('client_min_messages', 'log', true),
       set_config('client_connection_check_interval', '2s', true))";
  // Whatever a run has open can be found by the next one: a network that was cut leaves it open, with its
  // locks.
  sql += fmt::format(",\n       pg_advisory_xact_lock_shared({}, {})", lock_class, run_key);
  if (server_version >= 170000) sql += ",\n       set_config('transaction_timeout', '0', true)";
  if (!role.empty()) sql += fmt::format(",\n       set_config('role', {}, true)", pg::quote_literal(role));
  return {{sql, {}}};
}

std::vector<pg::Statement> fence_statements(const Session& session, const Fence& fence) {
  const char* lock_mode = fence.mode == Fence::Mode::exclusive ? "update" : "share";
  // The step's lock tells a later run of an orphan; the ledger's row, locked against change until the
  // transaction ends, keeps a run that has lost its lock from committing after another has begun.
  const std::string body = fmt::format(R"(
declare
  current bigint;
  found integer;
begin
  perform pg_advisory_xact_lock_shared({0}, {1});
  select current_run into current from dbtool.ledger for share;
  if current is distinct from {2} then
    raise exception 'run % has taken over from run {2}', current using errcode = '{3}';
  end if;
  select version into strict found from {4} for {5};
  if found <> {6} then
    raise exception 'the version row says %, expected {6}', found using errcode = '{7}';
  end if;
end
)",
                                       lock_class, fence.version, fence.run, fenced_state,
                                       session.version_table, lock_mode, fence.expected, wrong_version_state);
  return {{"do " + pg::dollar_quote(body), {}}};
}

}  // namespace dbtool::ledger
