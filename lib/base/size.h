#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbtool {

/// A number of bytes as people and PostgreSQL write it: "200MB", "1.5 GB", "64kB"; 1 kB is 1024 bytes, a bare
/// number is bytes. Upper and lower case do not matter. nullopt when it is none, or negative.
std::optional<std::int64_t> parse_size(std::string_view text);

/// For people, in the same units: "512 bytes", "64 kB", "210 MB", "1.5 GB".
std::string size_to_text(std::int64_t bytes);

}  // namespace dbtool
