#pragma once

#include <string>
#include <vector>

#include "model/object.h"

namespace dbtool::catalog {

/// One difference between two catalogs; pointers are into them.
struct Difference {
  const Object* expected = nullptr;  ///< nullptr: there is one too many
  const Object* found = nullptr;     ///< nullptr: it is missing
  std::string fact;                  ///< that differs; empty when either is nullptr
};

/// Merges two sorted catalogs, whatever the kinds. Of an object in both, the facts that `expected` names are
/// compared.
std::vector<Difference> diff(const Catalog& expected, const Catalog& found);

}  // namespace dbtool::catalog
