#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "sql/action.h"

namespace dbtool::sql {

/// An AlterTableStmt node: one action a subcommand.
std::vector<Action> read_alter_table(const nlohmann::json& node, std::string_view text);

/// "table", "materialized view" … from the parser's "OBJECT_TABLE", "OBJECT_MATVIEW" …
std::string object_type_name(const std::string& type);

/// Smallest position in the text that an expression's nodes tell.
std::size_t first_location(const nlohmann::json& expression, std::size_t otherwise);

}  // namespace dbtool::sql
