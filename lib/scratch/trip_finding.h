#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/interrupt.h"
#include "catalog/fold.h"
#include "model/finding.h"
#include "run/listeners.h"
#include "run/step_error.h"
#include "scratch/database.h"
#include "scratch/host.h"

namespace dbtool::scratch {

/// The three ways of a version's round trip.
enum class Way { up, down, up_again };

/// A version that failed, as run::StepError tells it.
using Fault = run::StepError;

/// Goes to a version. Returns what failed where that lies in the version files; everything else (an
/// interrupt, a server that is gone) is thrown on.
std::optional<Fault> attempt_to(Database& database, int goal, const InterruptCount& interrupts,
                                OnlinePart online = OnlinePart::run);

/// A version that failed on one of its ways.
Finding of_failure(const Version& version, Way way, const Fault& fault);

/// What is different after one of its ways; the place is that of the script. A column that came back at
/// another place is a note: no statement can put it where it was.
std::vector<Finding> of_differences(const Host& host, const Version& version, Way way,
                                    const std::vector<catalog::Change>& changes);

/// A note that a version changes tables of a publication.
Finding of_publication(const Version& version, const run::Listener& publication);

/// A note that versions above a broken one were not tried.
Finding not_tried(int broken, int newest);

}  // namespace dbtool::scratch
