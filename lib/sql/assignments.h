#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sql/token.h"

namespace dbtool::sql {

/// Variables of a PL/pgSQL block that are given one value in one place, and the tokens of that value: from
/// the first to behind the last. What is known of the value holds wherever the variable stands.
std::map<std::string, std::pair<std::size_t, std::size_t>> single_assignments(
    const std::vector<Token>& tokens);

}  // namespace dbtool::sql
