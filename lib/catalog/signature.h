#pragma once

#include <string>
#include <vector>

#include "sql/parse.h"

namespace dbtool::catalog {

/// Identity of a function: name(types of its input arguments).
std::string function_identity(const std::string& name, const std::vector<sql::Argument>& arguments);
/// "a integer, out b text": modes other than `in`, names and types, without defaults.
std::string arguments_text(const std::vector<sql::Argument>& arguments);
/// "text", "setof text" or "table (a integer)".
std::string returns_text(const sql::ReturnType& returns);

}  // namespace dbtool::catalog
