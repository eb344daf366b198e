#pragma once

#include <vector>

#include "lint/rule.h"

namespace dbtool::lint {

/// Statements that write rows inside a loop over the rows of `query` (`for … in <query> loop`, or a cursor of
/// it), by themselves or by calling a function that does.
std::vector<const Statement*> writes_in_loop(const Statement& query, const Context& context);

/// Whether the script runs the statement: it stands in it, or in a function that it makes and calls.
bool is_run_by_script(const Statement& statement, const Script& script);

}  // namespace dbtool::lint
