#pragma once

#include <string>

#include "base/clock.h"
#include "base/interrupt.h"
#include "model/object.h"
#include "scratch/host.h"

namespace dbtool::scratch {

/// The full catalog that versions 1..`version` leave behind, upgraded in one go in a database of its own. A
/// version that fails throws run::StepError.
Catalog expected_catalog(Host& host, Clock& clock, int version, const InterruptCount& interrupts);

struct ExpectationRequest {
  int version = 0;            ///< of the live database
  int live_major = 0;         ///< of its server
  bool saved = false;         ///< take what schema/catalog/ says
  std::string scratch_url{};  ///< of a server on which databases may be made; empty: none was named
};

/// The whole catalog as it should be at a version.
struct Expectation {
  Catalog objects;
  std::string note{};  ///< why some definitions may be printed differently; empty: no reason
};

/// Takes what was asked for; else makes it in a scratch database on a private server of the live one's major
/// version; else takes what is saved; else makes do with a server of another version. Throws Error when there
/// is nothing of that.
Expectation expectation(const Project& project, const ExpectationRequest& request, Clock& clock,
                        const InterruptCount& interrupts);

}  // namespace dbtool::scratch
