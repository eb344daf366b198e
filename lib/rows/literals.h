#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rows/random.h"

namespace dbtool::rows {

/// Values of one of the server's own types (or a well-known extension's), as its input function reads them.
struct Literals {
  std::vector<std::string> plain;
  std::vector<std::string> edges;  ///< at the borders of what the type takes, and such as confuse programs
};

/// By the type's name in pg_type ("int4"); empty lists for a type that is not known. `modifier` is the
/// column's pg_attribute.atttypmod. The lists hold some values made by `random`.
Literals literals_of(std::string_view type, int modifier, Random& random);

/// What is tried for a type that nobody knows.
const std::vector<std::string>& guesses();

}  // namespace dbtool::rows
