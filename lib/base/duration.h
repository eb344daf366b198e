#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dbtool {

/// A length of time as people and PostgreSQL write it: "300ms", "5s", "2min", "12h", "1d"; a bare number is
/// milliseconds. nullopt when it is none, or negative.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// For people: "0.3 s", "42 s", "7 min 12 s", "3 h 05 min", "2 d 4 h".
std::string to_text(std::chrono::milliseconds duration);

}  // namespace dbtool
