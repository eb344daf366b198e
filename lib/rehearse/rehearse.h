#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "model/finding.h"
#include "model/project.h"
#include "model/rehearsal.h"
#include "pg/connection.h"

/// The versions run on a copy, and what that costs.
namespace dbtool::rehearse {

struct Request {
  int goal = 0;
  bool down = true;   ///< also the way back to where the database was
  bool again = true;  ///< and up once more, to see that the way back left nothing in the way; needs `down`
  bool rollback =
      false;  ///< cancels a further try of long transactions, to see how long they take to roll back
  std::set<int> accept_changed{};  ///< applied versions whose files may have changed
};

/// What a check found that was not found before the walk.
struct Check {
  Direction direction{};
  int version = 0;  ///< that the database was at
  std::vector<Finding> findings;
};

struct Outcome {
  int from = 0;
  Rehearsal rehearsal;  ///< without program, source and measures
  std::vector<Check> checks;
  std::optional<double> seconds_again;  ///< that the way up took the second time
  /// The way back, or up again, failed; what was measured before it holds.
  std::optional<Error> failure;
};

/// Runs the versions of `project` on the database, from its version up to the goal; then as asked for.
/// Changes the database for good. A name that the ledger has from elsewhere, and runs that it says are under
/// way where nobody holds their lock, do not matter. Throws Error when the way up fails, or a stop is wished.
Outcome rehearse(const pg::Address& address, const Project& project, const Request& request, Clock& clock,
                 const Observer& observer, const InterruptCount& interrupts);

}  // namespace dbtool::rehearse
