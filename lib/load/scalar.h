#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbtool::load {

/// What YAML takes an unquoted scalar for; nullopt when it is not of that type.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<bool> parse_boolean(std::string_view text);

/// "an integer", "a number", "a boolean" or "text".
std::string describe_plain(std::string_view text);

/// A value for a complaint: on one line and not too long.
std::string shorten(std::string_view text);

/// Whether `name` is a name of SQL that needs no quotes: lower case, digits and `_`, at most 63 bytes.
bool is_simple_name(std::string_view name);

}  // namespace dbtool::load
