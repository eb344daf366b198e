#include "pg/transaction.h"

#include "pg/handle.h"

namespace dbtool::pg {

Transaction::Transaction(Connection& connection, std::string_view mode, const std::vector<Statement>& setup)
    : connection_(connection) {
  std::vector<Statement> statements{{"begin " + std::string(mode), {}}};
  statements.insert(statements.end(), setup.begin(), setup.end());
  const auto begin = [&] {
    try {
      results_ = connection_.batch(statements);
      results_.erase(results_.begin());
    } catch (...) {
      rollback_quietly();
      throw;
    }
  };
  try {
    begin();
  } catch (const PgError& error) {
    if (!error.fields().kept_statement_lost) throw;
    begin();
  }
  open_ = true;
}

Transaction::~Transaction() {
  if (open_) rollback_quietly();
}

void Transaction::rollback_quietly() noexcept {
  try {
    if (connection_.is_alive() && connection_.in_transaction()) {
      connection_.handle_->run("rollback", nullptr, Connection::Handle::Callbacks::ignore);
    }
  } catch (const std::exception&) {
    // The server rolls back by itself when the connection is gone.
    connection_.abandon();
  }
}

void Transaction::rollback() {
  open_ = false;
  connection_.handle_->run("rollback", nullptr, Connection::Handle::Callbacks::ignore);
}

void Transaction::commit() {
  Result answer;
  try {
    const bool reached = connection_.is_alive();
    try {
      answer = connection_.handle_->run("commit", nullptr, Connection::Handle::Callbacks::tolerate);
    } catch (const PgError& error) {
      // An ERROR is an answer; FATAL is none: the server may have been ended after it wrote the commit.
      if (!reached || !error.is_connection_lost() || error.fields().severity == "ERROR") throw;
      throw CommitInDoubt(error.exit_code(), error.fields(), error.advice());
    }
  } catch (...) {
    open_ = connection_.is_alive() && connection_.in_transaction();
    throw;
  }
  open_ = false;
  if (answer.command_tag() == "ROLLBACK") {
    throw Error(ExitCode::failed,
                "the transaction was rolled back instead of committed: a statement in it had failed",
                "nothing of it remains");
  }
}

}  // namespace dbtool::pg
