#pragma once

#include <string>

#include "cli/context.h"
#include "ledger/ledger.h"
#include "pg/connection.h"

namespace dbtool::cli {

/// Makes the ledger, or brings it up to date, where `state` is not of this program, and says so. The caller
/// holds the run lock. `refusal`: what cannot be done where the user may not; a text after it says why.
/// Throws Error with it and `advice`.
void make_newest_ledger(Context& context, pg::Connection& connection, const ledger::State& state,
                        const std::string& refusal, const std::string& advice);

}  // namespace dbtool::cli
