#include "online/lane.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace dbtool::online {

void Lane::reload(pg::Connection& connection) {
  const std::vector<ledger::RangeRecord> ranges = ledger::read_ranges(connection, version_);
  const auto found = std::find_if(ranges.begin(), ranges.end(), [&](const ledger::RangeRecord& range) {
    return range.range == record_.range;
  });
  if (found == ranges.end()) {
    throw Error(ExitCode::failed,
                fmt::format("version {}: the server that answers now does not know of range {}", version_,
                            record_.range),
                "a failover has lost the last transactions; the same command goes on from what is there");
  }
  record_ = *found;
  seen_by_ = connection.number();
  forget_bound();
}

}  // namespace dbtool::online
