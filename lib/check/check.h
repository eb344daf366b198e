#pragma once

#include <string>
#include <vector>

#include "model/finding.h"
#include "model/project.h"
#include "pg/connection.h"

namespace dbtool::check {

/// What a check compared and found.
struct Outcome {
  int version = 0;  ///< of the database
  std::vector<Finding> findings;
  int tables = 0;
  int functions = 0;
  int grants = 0;
  int ignored = 0;  ///< findings left out by ignore rules
  std::vector<std::string> ignored_reasons;
  /// True when no finding is worse than a note.
  bool clean() const;
};

/// Depths "declared" and "methods" against a live database that stands at `version`. `open_online` is the
/// version whose online migration or downgrade is unfinished (0: none): meanwhile its scripts may put
/// functions for both forms in place of its methods, so that what differs there is a note.
Outcome check(pg::Connection& connection, const Project& project, int version, int open_online = 0);

/// Findings of `after` that were not there in `before`.
std::vector<Finding> new_findings(const Outcome& before, const Outcome& after);

}  // namespace dbtool::check
