#pragma once

#include <vector>

#include "catalog/diff.h"

namespace dbtool::catalog {

/// A difference, and those that follow from it and need no word of their own.
struct Change {
  Difference difference;
  std::vector<Difference> follow;
  const Object* renamed = nullptr;  ///< of a missing object: what is there instead, the same but for its name
};

/// Groups the differences of full catalogs, in their order:
/// - what is missing, or too many, with what it is part of (a table and its columns, a schema and all in it,
///   a column and the indexes on it), and with what names it in its own definition (a type and the columns of
///   it, a table and the views of it)
/// - the same change of the same fact in a table and in its partitions or heirs
/// - a fact that went, came or was renamed together with the object that it names (a sequence and the default
///   that used it)
/// - what is missing, and what is there under another name and else the same
std::vector<Change> fold(const std::vector<Difference>& differences);

}  // namespace dbtool::catalog
