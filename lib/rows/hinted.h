#pragma once

#include <cstdint>
#include <vector>

#include "rows/hints.h"
#include "rows/random.h"
#include "rows/type_pools.h"

namespace dbtool::rows {

/// 'literal'::cast for each.
Pool literal_pool(const std::vector<std::string>& literals, const std::string& cast);

/// Lengths that the numbers of the hints may mean, and their neighbours.
std::vector<std::int64_t> lengths_of(const Hints& hints);

/// Values of a type that is no array and may fulfil a comparison: the constants themselves, their neighbours,
/// texts of a pattern or a length, objects with such keys.
Pool hinted_values(const Type& type, const std::string& cast, const Hints& hints, Random& random);

}  // namespace dbtool::rows
