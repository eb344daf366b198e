#include "ledger/work.h"

#include <fmt/format.h>

namespace dbtool::ledger {

std::string own_backend_start() {
  return fmt::format("(select {} from pg_stat_get_activity(pg_backend_pid()) a)", backend_start);
}

void prepare(pg::Connection& connection, const Observer& observer) {
  // A person who is asked may take long, and a query of the catalog too.
  std::string sql = "set idle_session_timeout = 0; set statement_timeout = 0; set lock_timeout = 0";
  // The server finds out about a network that is gone within a minute, not after the two hours of most
  // systems: until then it would keep the locks of a transaction that nobody will end.
  sql += "; set tcp_keepalives_idle = 15; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4";
  sql += "; set tcp_user_timeout = 40000";
  if (connection.server_version() >= 170000) sql += "; set transaction_timeout = 0";
  sql += fmt::format("; set local role none; select {}", own_backend_start());
  connection.set_backend_start(std::string(connection.exec(sql).text(0, 0)));
  connection.on_notice([observer](const pg::Notice& notice) {
    const bool raised = notice.context.find("at RAISE") != std::string::npos;
    if (raised || notice.severity == "WARNING") observer(ScriptNotice{notice.severity, notice.message});
  });
}

}  // namespace dbtool::ledger
