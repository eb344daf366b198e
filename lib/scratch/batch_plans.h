#pragma once

#include <set>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "lint/explain.h"
#include "scratch/host.h"

namespace dbtool::scratch {

/// Asks for the plans of the online batches of `versions`, both ways, in a throwaway database that stands at
/// the version: behind its transaction, its online part put off. Versions between them are run. A version
/// that fails ends the walk, and a note says so. The observer gets a step a version that is asked about.
/// Declared batches are asked about and not run: the tables are empty.
lint::Explained batch_plans(const Project& project, const HostOptions& options, Clock& clock,
                            const InterruptCount& interrupts, const Observer& observer,
                            const std::set<int>& versions);

}  // namespace dbtool::scratch
