#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "sql/action.h"

namespace dbtool::lint {

/// Where a statement reads rows of a table to write them elsewhere, and nothing keeps others from changing
/// them until it commits.
struct UnlockedRead {
  std::size_t offset = 0;  ///< of the table's name in the text that was parsed
  std::string alias{};     ///< what the query calls the table
  /// A `for update` may stand at the end of the query that reads them: no group, union, `update … from`.
  bool takes_lock = true;
  /// Another part of the statement locks the rows; all parts read the one snapshot from before the wait.
  bool locked_elsewhere = false;
};

/// Follows the rows of `table` through `from`, `with` and subqueries into each insert, update and merge of a
/// statement ({KIND: {…}}); nullopt: all that flows is locked where it is read, or taken away by `delete …
/// returning`. Rows that only a condition looks at do not flow.
std::optional<UnlockedRead> unlocked_read(const nlohmann::json& statement, const sql::ObjectName& table);

/// A declared batch, with its ranges, in which every such read has its `for update of ALIAS`.
std::string with_locks(std::string batch, const sql::ObjectName& table);

}  // namespace dbtool::lint
