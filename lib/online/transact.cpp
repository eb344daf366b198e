#include "online/transact.h"

#include <algorithm>

namespace dbtool::online {

std::vector<pg::Statement> transaction_setup(const ledger::Session& session, const ledger::Fence& fence,
                                             int server_version) {
  std::vector<pg::Statement> statements = session.setup(server_version);
  for (pg::Statement& statement : ledger::fence_statements(session, fence))
    statements.push_back(std::move(statement));
  statements.push_back(
      {"select set_config('extra_float_digits', '3', true), set_config('IntervalStyle', 'postgres', true), "
       "set_config('bytea_output', 'hex', true)",
       {}});
  return statements;
}

void wait(ledger::Work& work, std::chrono::milliseconds pause) {
  using namespace std::chrono_literals;
  const auto until = work.clock.now() + pause;
  while (work.clock.now() < until) {
    work.interrupts.stop_if_requested();
    work.clock.sleep(std::min<std::chrono::milliseconds>(50ms, pause));
  }
}

}  // namespace dbtool::online
