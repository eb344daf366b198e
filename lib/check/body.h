#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dbtool::check {

/// The first line in which two bodies of a function differ, white space at the ends and carriage returns left
/// aside.
struct BodyDifference {
  std::string expected;  ///< "line 3: return 1;"
  std::string found;
  std::size_t offset = 0;  ///< of that line in the expected body
};

/// nullopt: they mean the same.
std::optional<BodyDifference> first_difference(std::string_view expected, std::string_view found);

/// Whether two lists of default expressions surely differ: constants are compared by value, all else by
/// number alone.
bool defaults_differ(std::string_view expected, std::string_view found);

}  // namespace dbtool::check
