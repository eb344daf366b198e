#pragma once

#include "sql/action.h"

/// What can be said of an action by its kind, whatever database it is for.
namespace dbtool::environment {

/// Changes the catalog alone: takes a moment, however many rows there are.
bool is_quick(const sql::Action& action);
/// Builds an index, and does nothing else that takes time.
bool is_index_build(const sql::Action& action);
/// May be tried on a live database at all; its locks must be looked at besides.
bool is_tried(const sql::Action& action);
/// Acts on a table, and can be tried on one that the script itself has made.
bool is_of_table(const sql::Action& action);

}  // namespace dbtool::environment
