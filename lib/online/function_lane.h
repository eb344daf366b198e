#pragma once

#include <string>

#include "online/lane.h"

namespace dbtool::online {

/// The passes of an `online_…_batch` function: each call gets the state that the last one returned.
class FunctionLane final : public Lane {
 public:
  FunctionLane(int version, ledger::RangeRecord record, std::string function)
      : Lane(version, std::move(record)), function_(std::move(function)) {}

  std::vector<pg::Statement> statements(int size) override;
  BatchResult read(pg::Connection& connection, const std::vector<pg::Result>& results) override;
  std::optional<std::string> next_row() const override;
  /// What a function does besides, its server need not be able to take back.
  bool is_durable() const override { return true; }

 private:
  std::string function_;
  int batches_ = 0;  ///< of this lane, in this run
};

}  // namespace dbtool::online
