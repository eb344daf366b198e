#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dbtool::catalog {

/// The elements of a one-dimensional array as the server prints it, `{a,"b c",NULL}`; null is "".
std::vector<std::string> parse_array(std::string_view text);

}  // namespace dbtool::catalog
