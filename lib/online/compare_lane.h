#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "online/range_lane.h"

namespace dbtool::online {

/// Compares source and copy, range by range: the number of rows and a hash that does not depend on their
/// order, both from one snapshot, by the database. A range that differs is looked at again after a while (a
/// service may have written the one and not yet the other), and what still differs is narrowed down to keys.
class CompareLane final : public RangeLane {
 public:
  CompareLane(int version, ledger::RangeRecord record, const Key& key, const OnlineDeclaration& declaration,
              Clock& clock)
      : RangeLane(version, std::move(record), key), declaration_(declaration), clock_(clock) {}

 private:
  std::vector<pg::Statement> work(const KeyRange& batch) override;
  void read_work(pg::Connection& connection, const std::vector<pg::Result>& results, const KeyRange& batch,
                 BatchResult& result) override;

  pg::Statement comparison(const KeyRange& range) const;
  bool differs(pg::Connection& connection, const KeyRange& range) const;
  void narrow(pg::Connection& connection, const KeyRange& range, std::vector<std::string>& found) const;
  std::string example(pg::Connection& connection, const KeyRange& range) const;

  const OnlineDeclaration& declaration_;
  Clock& clock_;
};

}  // namespace dbtool::online
