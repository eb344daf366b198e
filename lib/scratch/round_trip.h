#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "catalog/snapshot.h"
#include "model/finding.h"
#include "model/object.h"
#include "scratch/host.h"

namespace dbtool::scratch {

/// How one version went.
struct VersionTrip {
  int version = 0;
  double seconds = 0;  ///< up, down, up again and all comparisons
};

/// What the ways of all versions showed.
struct RoundTrips {
  std::vector<Finding> findings;                 ///< by version
  std::vector<VersionTrip> trips;                ///< of the versions that went up
  Catalog newest;                                ///< the catalog after the last version that went up
  int reached = 0;                               ///< that version
  std::vector<catalog::SnapshotFile> snapshots;  ///< of versions 1..reached
};

/// Runs every version up, down and up again in throwaway databases of `host`, and beside that all of them up,
/// down and up in one go:
/// 1. up to v; the catalog then is what v should leave behind
/// 2. down to v−1; the catalog must be that of v−1
/// 3. up again; the catalog must be that of step 1
/// 4. after a fault on from a copy of the last good state, so that every fault is named once, at the version
///    that causes it. A version that does not go up at all ends the walk.
/// 5. in one go from nothing to the newest and back to nothing, twice up: what single versions did not show
/// `observer` gets a step a version. Errors that are no fault of a version (a lost server, an interrupt) are
/// thrown on.
RoundTrips round_trips(Host& host, Clock& clock, const InterruptCount& interrupts, const Observer& observer);

}  // namespace dbtool::scratch
