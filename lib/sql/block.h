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

/// How a PL/pgSQL block runs a statement.
enum class RunAs {
  statement,     ///< as it stands; also `return query`
  perform,       ///< `perform …`, given as `select …`
  loop_query,    ///< `for x in … loop`
  cursor_query,  ///< `c cursor for …`, `open c for …`
  constant,      ///< `execute '…'`
  formatted,     ///< `execute format('…', …)`: what is filled in is `dynamic_name`
  concatenated,  ///< `execute '…' || …`: what stands between the constants is `dynamic_name`
  unknown,       ///< `execute` of anything else: the text is the expression
};

/// A statement of a PL/pgSQL block and what stands around it.
struct BlockStatement {
  SplitStatement statement;  ///< offset: of the statement, or of the executed text
  RunAs run_as = RunAs::statement;
  int loops = 0;            ///< loops around it, of any kind
  int row_loops = 0;        ///< of these, loops over the rows of a query or cursor
  int conditions = 0;       ///< `if` and `case` around it
  bool heads_loop = false;  ///< `for x in … loop` runs over its rows; also of `execute`
};

/// What stands where a name is known at run time only.
inline constexpr std::string_view dynamic_name = "dynamic_name";

/// All statements that a PL/pgSQL block runs, those that are built at run time too, in the order of the text.
std::vector<BlockStatement> read_block(std::string_view block);

/// Cuts plain SQL at the semicolons that end statements, by its tokens alone: for what the parser does not
/// know.
std::vector<SplitStatement> split_by_tokens(std::string_view script);

}  // namespace dbtool::sql
