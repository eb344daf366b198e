#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "pg/connection.h"

namespace dbtool::catalog {

/// Rows that each table of schema public holds, as the planner and the statistics know it; takes no lock.
std::map<std::string, std::int64_t> read_table_rows(pg::Connection& connection);

/// The largest table whose name stands in the script as a word; empty when it names none that is known.
std::string largest_named(std::string_view script, const std::map<std::string, std::int64_t>& table_rows);

/// Rows of the largest table whose name stands in the script as a word; nullopt when it names none that is
/// known.
std::optional<std::int64_t> rows_named(std::string_view script,
                                       const std::map<std::string, std::int64_t>& table_rows);

}  // namespace dbtool::catalog
