#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.h"

namespace dbtool::pg {

/// An open transaction; rolls back when it goes out of scope uncommitted.
class Transaction {
 public:
  /// Sends `begin` + `mode` and the statements of `setup` in one round trip.
  explicit Transaction(Connection& connection, std::string_view mode = "isolation level read committed",
                       const std::vector<Statement>& setup = {});
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  Connection& connection() { return connection_; }

  /// What the statements of `setup` returned, in their order.
  const std::vector<Result>& results() const { return results_; }

  /// Sends COMMIT alone. Throws CommitInDoubt when the connection is lost before the answer,
  /// and Error when the server answered ROLLBACK (the transaction had failed).
  void commit();
  void rollback();

 private:
  void rollback_quietly() noexcept;

  Connection& connection_;
  std::vector<Result> results_;
  bool open_ = false;
};

}  // namespace dbtool::pg
