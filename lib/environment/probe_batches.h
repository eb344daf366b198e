#pragma once

#include "environment/probe_portions.h"
#include "model/version.h"

namespace dbtool::environment {

/// Runs batches of a declared online migration on the first keys of ranges from all over its table, each
/// taken back at once. `statement` gets its portions, or why there are none. `known_rows`: of the table as
/// the planner has them; 0: not known.
void probe_batches(Portions& portions, const OnlineDeclaration& declaration, std::int64_t known_rows,
                   ProbedStatement& statement);

}  // namespace dbtool::environment
