#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalog/fold.h"
#include "check/judged.h"

namespace dbtool::check {

/// What stands for the roles that full catalogs leave open, and where objects come from.
struct FullNames {
  std::string owner{};        ///< who is expected to own everything
  std::string user_prefix{};  ///< of the service users
  /// The place in the project's files that last touched an object, with the version; may be empty.
  struct Origin {
    int version = 0;
    Place place{};
  };
  std::function<Origin(const Object&)> origin{};
};

/// An object as people call it: "column tasks.run_id", "grant ci_queue on tasks". Schema public is left out.
std::string object_name(const Object& object, const FullNames& names);

/// The fact that a difference is about, as findings name it; "" where the whole object is missing or too
/// many.
std::string fact_name(const catalog::Difference& difference);

/// What tells an object from others of its kind, on a line: a column's type, an index's definition; "an enum"
/// where nothing does.
std::string known_by(const Object& object, const FullNames& names);

/// A finding for each group of differences between two full catalogs, whatever the kind. What follows from a
/// difference (a dropped table's columns) is counted in its advice. Rules are "KIND-missing",
/// "KIND-undeclared" and "KIND-FACT".
std::vector<Judged> judge_full(const std::vector<catalog::Change>& changes, const FullNames& names);

}  // namespace dbtool::check
