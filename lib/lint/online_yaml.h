#pragma once

#include <string>
#include <vector>

#include "lint/whole_change.h"

namespace dbtool::lint {

/// The `online:` part of a version file that does by key ranges what a statement does in the script at once,
/// with the names, the key and the conditions of the statement. What the statement does not tell stands as
/// `…`.
std::string online_yaml(const Statement& statement, const WholeChange& change, const Context& context);

/// Columns of a table's primary key or, without one, of a unique index that may be walked; empty: not known.
std::vector<std::string> walkable_key(const Schema& schema, const sql::ObjectName& table);

}  // namespace dbtool::lint
