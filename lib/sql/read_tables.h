#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace dbtool::sql {

/// Tables and views that a query, a change of rows, `create table as` or `copy` reads, by schema (may be
/// empty) and name. `kind` and `node` are those of its statement in the parse tree. What a `with` clause
/// names is none, nor is the table whose rows are changed: that may go by other rights.
std::vector<std::pair<std::string, std::string>> tables_read(const std::string& kind,
                                                             const nlohmann::json& node);

}  // namespace dbtool::sql
