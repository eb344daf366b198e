#pragma once

#include <future>
#include <optional>
#include <string>
#include <utility>

#include "pg/connection.h"

namespace dbtool::pg {

/// Another connection to the server and database of a first one, opened while that is used, for questions
/// that take long enough to be worth a second backend.
class SecondConnection {
 public:
  /// Begins to open it.
  explicit SecondConnection(const Connection& first);

  /// Waits until it is open. Nothing where there is none to be had: another of several servers has answered,
  /// or no connection is left. That is waited for a second, and as long again as a pooler takes to heed a
  /// cancel.
  std::optional<Connection> take(Connection& first);

 private:
  std::future<std::optional<std::pair<Connection, std::string>>> opening_;
};

}  // namespace dbtool::pg
