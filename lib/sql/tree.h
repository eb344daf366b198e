#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "sql/parse.h"

namespace dbtool::sql {

/// Parse tree of SQL as libpg_query prints it: an array of {"stmt": {KIND: {…}}, "stmt_location",
/// "stmt_len"}. Empty when the text cannot be parsed; `error`, if given, then tells why.
nlohmann::json parse_tree(const std::string& text, std::optional<SyntaxError>* error = nullptr);

/// Text of a member, "" when there is none.
std::string member(const nlohmann::json& node, const char* name);

/// `$db_user_prefix$` replaced by a word of the same length, so that offsets stay and the parser takes it.
std::string without_prefix_variable(std::string_view text);

}  // namespace dbtool::sql
