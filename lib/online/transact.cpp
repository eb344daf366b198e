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

namespace {

constexpr std::chrono::seconds patience_with_commit{10};

}  // namespace

void commit(ledger::Work& work, pg::Transaction& transaction) {
  work.connection.on_wait([&work, began = work.clock.now()] {
    if (work.clock.now() - began > patience_with_commit) work.interrupts.stop_if_requested();
  });
  try {
    transaction.commit();
  } catch (...) {
    work.connection.on_wait({});
    throw;
  }
  work.connection.on_wait({});
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
