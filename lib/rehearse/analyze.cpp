#include "rehearse/analyze.h"

#include <chrono>
#include <set>

#include "ledger/session.h"
#include "pg/error.h"
#include "pg/transaction.h"
#include "window/follow_up.h"

namespace dbtool::rehearse {

std::map<std::string, double> time_analyze(pg::Connection& connection, const Settings& settings,
                                           const std::vector<StepCost>& steps, Clock& clock) {
  std::set<std::string> tables;
  for (const StepCost& step : steps) {
    for (const TableCost& table : step.tables) {
      if (window::needs_analyze(table)) tables.insert(table.name);
    }
  }
  const ledger::Session session = ledger::Session::from(settings);
  std::map<std::string, double> seconds;
  for (const std::string& table : tables) {
    try {
      pg::Transaction transaction(connection, "isolation level read committed",
                                  session.setup(connection.server_version()));
      const auto began = clock.now();
      connection.query("analyze " + table);
      seconds[table] = std::chrono::duration<double>(clock.now() - began).count();
      transaction.commit();
    } catch (const pg::PgError& error) {
      // A later step of the same run has dropped or renamed it, or it is somebody else's.
      if (error.is_connection_lost()) throw;
      seconds.erase(table);
    }
  }
  return seconds;
}

}  // namespace dbtool::rehearse
