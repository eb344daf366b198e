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

  /// Waits until it is open. Nothing where there is none to be had within a second: no connection is left, or
  /// another of several servers has answered.
  std::optional<Connection> take(Connection& first);

 private:
  std::future<std::optional<std::pair<Connection, std::string>>> opening_;
};

}  // namespace dbtool::pg
