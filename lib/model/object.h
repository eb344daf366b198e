#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/place.h"

namespace dbtool {

/// One thing of a catalog: declared, expected or live. Sorted by (kind, identity), a catalog can be merged
/// with another without knowing any kind.
struct Object {
  std::string kind;      ///< "table", "column", "function", "grant", "user", …
  std::string identity;  ///< unique within its kind, e.g. "tasks.task_id"
  std::map<std::string, std::string> facts;
  Place place;  ///< where it was declared; empty for live objects

  bool operator<(const Object& other) const {
    const int by_kind = kind.compare(other.kind);
    return by_kind != 0 ? by_kind < 0 : identity < other.identity;
  }
};

using Catalog = std::vector<Object>;

}  // namespace dbtool
