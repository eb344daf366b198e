#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lint/rule.h"

namespace dbtool::lint {

/// Statements that write rows inside a loop over the rows of `query` (`for … in <query> loop`, or a cursor of
/// it), by themselves or by calling a function that does.
std::vector<const Statement*> writes_in_loop(const Statement& query, const Context& context);

/// The table that a loop walks with this statement some rows at a time (`delete … limit 1000` until none is
/// found); nullopt: it is in no such loop. The statement writes; what it writes may have been chosen by a
/// query with a limit before it.
std::optional<sql::ObjectName> walked_in_batches(const Statement& statement, const Context& context);

/// The variable of the loop over the rows of `query`: "" where it is not a single one.
std::string loop_variable(const Statement& query);

/// Whether the script runs the statement: it stands in it, or in a function that it makes and calls.
bool is_run_by_script(const Statement& statement, const Script& script);

}  // namespace dbtool::lint
