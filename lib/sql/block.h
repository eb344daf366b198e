#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/parse.h"

namespace dbtool::sql {

/// The SQL statements that a PL/pgSQL block names statically, in the order of the text: its own ones, queries
/// that it loops over or returns, and constants that it executes. `into` targets of variables are blanked
/// out, so that each text is plain SQL. Expressions (conditions, assignments, `perform`) are left out.
std::vector<SplitStatement> statements_of_block(std::string_view block);

/// Cuts plain SQL at the semicolons that end statements, by its tokens alone: for what the parser does not
/// know.
std::vector<SplitStatement> split_by_tokens(std::string_view script);

}  // namespace dbtool::sql
