#include "ledger/work.h"

namespace dbtool::ledger {

void observe_notices(pg::Connection& connection, const Observer& observer) {
  connection.on_notice([observer](const pg::Notice& notice) {
    const bool raised = notice.context.find("at RAISE") != std::string::npos;
    if (raised || notice.severity == "WARNING") observer(ScriptNotice{notice.severity, notice.message});
  });
}

}  // namespace dbtool::ledger
