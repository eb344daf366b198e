#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/object.h"

namespace dbtool::catalog {

/// One difference between two catalogs; pointers are into them.
struct Difference {
  const Object* expected = nullptr;  ///< nullptr: there is one too many
  const Object* found = nullptr;     ///< nullptr: it is missing
  std::string fact;  ///< that differs, maybe missing in either object; empty when one is nullptr
};

/// The objects of one kind; a part of the sorted catalog.
std::span<const Object> of_kind(const Catalog& catalog, const char* kind);

/// Sorts a catalog; costs little where it is sorted already.
void sort(Catalog& catalog);

/// Merges two sorted catalogs, or parts of them, whatever the kinds. Of an object in both, the facts that
/// `expected` names are compared.
std::vector<Difference> diff(std::span<const Object> expected, std::span<const Object> found);

/// The same for full catalogs, in both directions: a fact that only one side names differs too. Of a table's
/// `columns` the order of those that both have is compared; a column that one of them lacks is an object of
/// its own. A view's `columns` follow from its definition, and are not compared.
std::vector<Difference> diff_full(std::span<const Object> expected, std::span<const Object> found);

}  // namespace dbtool::catalog
