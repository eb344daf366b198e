#pragma once

#include <functional>

#include "lint/rule.h"

namespace dbtool::lint {

/// A column that a statement makes, or gives another type.
struct NewColumn {
  sql::ObjectName table;
  const sql::Column* column = nullptr;
  const Statement* statement = nullptr;
};

/// Columns that a statement of the script makes or gives another type; those of temporary tables are left
/// out.
void for_each_new_column(const Statement& statement, const std::function<void(const NewColumn&)>& look);

/// "column tasks.owner".
std::string column_object(const sql::ObjectName& table, const std::string& column);

/// The statement with another type for the column; where its text is not as expected, "NAME TYPE" alone.
std::string with_type(const NewColumn& made, const std::string& type);

/// A finding about a column's type, `type` the one to use instead; empty: there is none.
Issue issue_of_type(const NewColumn& made, std::string what, std::string advice, const std::string& type);

}  // namespace dbtool::lint
