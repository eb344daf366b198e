#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "model/finding.h"
#include "scratch/host.h"

namespace dbtool::scratch {

struct DataOptions {
  int rows = 5;            ///< generated for each table that holds none
  std::uint64_t seed = 1;  ///< of the rows, and of the batch after which an online version is stopped
  /// A shell command that puts rows of the project's own in before each version; it gets the database in
  /// DBTOOL_URL and the version that this is at in DBTOOL_VERSION. Empty: none. Tables that it leaves empty
  /// get generated rows.
  std::string command{};
};

/// Versions that have faults whatever rows there are.
struct KnownFaults {
  std::set<int> failing;  ///< a way of theirs breaks off
  std::set<int> uneven;   ///< the way back leaves another schema
};

/// What the round trips without rows have found.
KnownFaults known_faults(const std::vector<Finding>& findings);

/// What versions do to rows.
struct DataTrips {
  std::vector<Finding> findings;
  std::vector<std::string> without_rows;  ///< tables for which no row could be made, with the reason
};

/// Puts rows into every table before each of versions 1..`reached`, runs the version up and down, and
/// compares what the tables hold. Rows that are lost or changed are findings; notes where the version says
/// what it `loses`. An online version is stopped after some batch as well and taken back from there. Versions
/// in `known.failing` go up only. Of those in `known.uneven` the tables and columns that are there before and
/// after are compared, for what else differs has been told. A version that does not take generated rows is a
/// note, for they may be such as nobody has.
DataTrips data_trips(Host& host, Clock& clock, const InterruptCount& interrupts, const DataOptions& options,
                     int reached, const KnownFaults& known);

}  // namespace dbtool::scratch
