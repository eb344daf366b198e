#pragma once

#include <functional>

#include "lint/rule.h"

namespace dbtool::lint {

/// A column that a statement makes, or gives another type: `make` is how it is written without its type, as
/// in "alter table t alter column a type".
struct NewColumn {
  sql::ObjectName table;
  const sql::Column* column = nullptr;
};

/// Columns that a statement of the script makes or gives another type; those of temporary tables are left
/// out.
void for_each_new_column(const Statement& statement, const std::function<void(const NewColumn&)>& look);

/// "column tasks.owner".
std::string column_object(const sql::ObjectName& table, const std::string& column);

/// A finding about a column's type: "NAME TYPE" is the way to write it.
Issue issue_of_type(const NewColumn& made, std::string what, std::string advice, const std::string& type);

}  // namespace dbtool::lint
