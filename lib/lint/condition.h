#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "lint/schema.h"

namespace dbtool::lint {

/// The relations of one query level by the name that columns are qualified with. An empty name: few rows (a
/// list of values, a function, a query with a limit).
using Relations = std::map<std::string, sql::ObjectName, std::less<>>;

/// Columns of the relation `alias` that a condition compares for equality with values that do not depend on
/// other tables' rows: constants, variables, few-row relations, `in (…)`, `any (…)`. "ctid" stands for a
/// row's place and for `current of`.
std::set<std::string> pinned_columns(const nlohmann::json& condition, const std::string& alias,
                                     const Relations& relations, const Schema& schema);

/// Whether these columns lead to few rows: all of a unique index, or the first of any index. Of a table that
/// is not known any column does.
bool is_key_lookup(const std::set<std::string>& columns, const sql::ObjectName& table, const Schema& schema);

}  // namespace dbtool::lint
