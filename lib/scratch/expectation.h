#pragma once

#include "base/clock.h"
#include "base/interrupt.h"
#include "model/object.h"
#include "scratch/host.h"

namespace dbtool::scratch {

/// The full catalog that versions 1..`version` leave behind, upgraded in one go in a database of its own. A
/// version that fails throws run::StepError.
Catalog expected_catalog(Host& host, Clock& clock, int version, const InterruptCount& interrupts);

}  // namespace dbtool::scratch
