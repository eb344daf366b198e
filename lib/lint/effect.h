#pragma once

#include <string>
#include <vector>

#include "lint/schema.h"
#include "sql/action.h"

namespace dbtool::lint {

/// What a statement does to the rows of a table, from cheap to dear.
enum class Work { none, scan, index, rows, rewrite };

struct Lock {
  sql::ObjectName table{};
  std::string mode{};  ///< "access exclusive", "share", …
};

/// What an action costs on a table that holds rows.
struct Effect {
  std::vector<Lock> locks{};
  Work work = Work::none;
  sql::ObjectName worked_on{};  ///< the table that is scanned or rewritten
};

/// What a change of a column's type costs; `using` may make another value of each row.
sql::TypeChange type_change_of(const sql::Action& action, const Schema& schema);

Effect effect_of(const sql::Action& action, const Schema& schema);

/// 1 (access share) … 8 (access exclusive); 0: no such mode.
int lock_strength(std::string_view mode);

/// What services cannot do with a table meanwhile: "neither read nor write", "not write", "" (nothing).
std::string services_cannot(std::string_view mode);

/// "scans", "builds an index", "changes rows", "rewrites", "".
std::string work_text(Work work);

}  // namespace dbtool::lint
