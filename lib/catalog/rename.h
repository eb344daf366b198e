#pragma once

#include <cstddef>
#include <vector>

#include "catalog/diff.h"

namespace dbtool::catalog {

/// A missing object and one too many that is the same but for its name: numbers of the differences.
struct Rename {
  std::size_t missing = 0;
  std::size_t extra = 0;
};

/// Those among the differences of full catalogs. Of kinds alone that nothing else is a part of: indexes,
/// constraints, triggers, rules, policies, statistics, event triggers. Each object is in one pair at most.
std::vector<Rename> renames(const std::vector<Difference>& differences);

}  // namespace dbtool::catalog
