#pragma once

#include <string_view>

namespace dbtool::load {

/// "version", "dbtool.version": a table, with or without a schema, in lower case.
bool is_version_table(std::string_view name);

/// ">=14", "15", ">=14 <18", ">= 14, < 18": server versions with or without a comparison before them.
bool is_server_demand(std::string_view demand);

}  // namespace dbtool::load
