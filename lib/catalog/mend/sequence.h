#pragma once

#include <string>
#include <string_view>

#include "model/facts.h"

namespace dbtool::catalog::mending {

/// How a sequence counts, all of it, for `create` and `alter sequence`: `increment by 1 no minvalue …`.
std::string counting(const Facts& facts);

/// The fact `identity` of a column taken apart.
struct Identity {
  std::string mode;         ///< "always" or "by default"
  std::string sequence;     ///< its name
  std::string persistence;  ///< "unlogged", "logged", or "" for what its table is
  Facts facts;              ///< as those of a sequence
};
Identity parse_identity(std::string_view fact);

/// Sets a new sequence behind the values that a column has.
std::string catch_up(const std::string& sequence, const std::string& column, const std::string& table,
                     const Facts& facts);

}  // namespace dbtool::catalog::mending
