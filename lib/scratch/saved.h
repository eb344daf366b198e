#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/interrupt.h"
#include "catalog/snapshot.h"
#include "model/finding.h"
#include "scratch/host.h"

namespace dbtool::scratch {

/// The snapshot files of all versions, made by going up version by version in a database of its own. Throws
/// run::StepError when one fails.
std::vector<catalog::SnapshotFile> snapshot_files(Host& host, Clock& clock, const InterruptCount& interrupts);

/// Writes those that differ from what is there, and removes what belongs to no version. Returns the names of
/// what was changed.
std::vector<std::string> save_snapshot(const Project& project,
                                       const std::vector<catalog::SnapshotFile>& files);

/// A finding for each kept file that is missing, surplus or not what it should be; none for a project that
/// keeps no snapshot. Files that were read from a server of another major are a note: it prints some
/// definitions differently.
std::vector<Finding> stale_snapshot(const Project& project, int server_major,
                                    const std::vector<catalog::SnapshotFile>& files);

}  // namespace dbtool::scratch
