#pragma once

#include <string>
#include <vector>

#include "model/facts.h"
#include "model/place.h"

namespace dbtool {

/// One thing of a catalog: declared, expected or live. Sorted by (kind, identity), a catalog can be merged
/// with another without knowing any kind.
struct Object {
  std::string kind;      ///< "table", "column", "function", "grant", "user", …
  std::string identity;  ///< unique within its kind, e.g. "tasks.task_id"
  Facts facts;
  Place place;  ///< where it was declared; empty for live objects
  /// What it can't be without, each as "kind identity": a column's table, both tables of a foreign key. When
  /// one of them goes, this goes with it, so that it needs no word of its own. Never compared.
  std::vector<std::string> part_of{};

  bool operator<(const Object& other) const {
    const int by_kind = kind.compare(other.kind);
    return by_kind != 0 ? by_kind < 0 : identity < other.identity;
  }
};

using Catalog = std::vector<Object>;

}  // namespace dbtool
