#pragma once

#include <vector>

#include "lint/lint.h"
#include "lint/script.h"

namespace dbtool::lint {

/// Sorts a version's findings into those that stand and those that its file allows:
/// `-- lint: allow RULE: reason` in SQL, on the line before a statement or at the end of one of its lines,
/// and `# lint: allow RULE: reason` in YAML, before the key that it is about (before the first key: the whole
/// version). An allowance without a reason, for a rule that does not exist, or that allows nothing is a
/// finding of its own; of what a database's planner tells, only where one was asked. `scripts`: both ways of
/// one version, at least one.
void apply_allowances(const Project& project, const std::vector<const Script*>& scripts,
                      std::vector<Finding> findings, Outcome& outcome);

}  // namespace dbtool::lint
