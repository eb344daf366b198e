#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sql/parse.h"

namespace dbtool::sql {

/// Parse tree of SQL as libpg_query prints it: an array of {"stmt": {KIND: {…}}, "stmt_location",
/// "stmt_len"}. Empty when the text cannot be parsed; `error`, if given, then tells why.
nlohmann::json parse_tree(const std::string& text, std::optional<SyntaxError>* error = nullptr);

/// Text of a member, "" when there is none.
std::string member(const nlohmann::json& node, const char* name);

/// A member of an object; nullptr when there is none, or `node` is no object.
const nlohmann::json* child(const nlohmann::json& node, const char* name);
/// The content of {KIND: {…}}; nullptr when the node is of another kind.
const nlohmann::json* node_of(const nlohmann::json& node, const char* kind);

/// Whether a list of options, `node`'s member `list`, has the named one and does not switch it off: `(full)`,
/// `(full true)`, not `(full off)`.
bool has_option(const nlohmann::json& node, const char* list, std::string_view name);

/// Names of the functions that a tree calls anywhere, without their schema.
std::vector<std::string> called_functions(const nlohmann::json& tree);

/// `$db_user_prefix$` replaced by a word of the same length, so that offsets stay and the parser takes it.
std::string without_prefix_variable(std::string_view text);

}  // namespace dbtool::sql
