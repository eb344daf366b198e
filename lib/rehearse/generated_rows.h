#pragma once

#include "base/event.h"
#include "base/interrupt.h"
#include "rehearse/generated.h"
#include "rehearse/rehearse.h"
#include "scratch/database.h"
#include "scratch/host.h"

namespace dbtool::rehearse {

/// Puts rows into a database at version `from`: by the project's command, some into every table that holds
/// none (into those to be filled alone where there is a command), and as many as `share` of the sizes says
/// into the tables that the versions from there to the goal name, and those that they are tied to by foreign
/// keys. Vacuums and analyzes. Tells what could not be filled, or has rows much narrower than those of the
/// sizes. Throws Error, also when a stop is wished.
void generate_rows(scratch::Host& host, scratch::Database& database, const Request& request,
                   const GeneratedRequest& generated, double share, const Observer& observer,
                   const InterruptCount& interrupts);

/// "1 %", "0.25 %"
std::string share_text(double share);

}  // namespace dbtool::rehearse
