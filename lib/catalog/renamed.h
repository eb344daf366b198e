#pragma once

#include <functional>
#include <span>
#include <vector>

#include "catalog/diff.h"

namespace dbtool::catalog {

/// A live object that others are part of or name, and that is the same as a missing one but for its name.
struct Renaming {
  const Object* expected = nullptr;
  Object live;  ///< under the name that it has
};

/// What `take_expected_names` did.
struct Renamed {
  std::vector<Renaming> list;  ///< in an order in which the statements run
  std::vector<Object> former;  ///< kind and identity alone: all live objects that were called otherwise
};

/// Gives tables, foreign tables, views, materialized views, sequences, functions, procedures, servers and
/// columns of `live` the names that are expected, and what names them as well, so that only what differs
/// beyond the names is left to compare. Only where one such object is missing and one too many in the same
/// schema or table, and all else about the two is the same; of tables also their columns, of columns their
/// place. A text that names them is taken for the same only when it differs in nothing but these names: a
/// view that uses a renamed column, or a body, stays as it is. Both catalogs are sorted; `live` is so again.
/// A pair that `allowed` says no to keeps its two names.
Renamed take_expected_names(std::span<const Object> expected, Catalog& live,
                            const std::function<bool(const Renaming&)>& allowed = {});

}  // namespace dbtool::catalog
