#pragma once

#include <set>
#include <string>
#include <vector>

#include "load/load.h"
#include "model/finding.h"
#include "model/project.h"

namespace dbtool::revision {

/// What a project's versions have become since a git revision.
struct Changes {
  std::string commit;      ///< the merge base with the revision, 40 hex digits
  std::string prefix;      ///< of the project in its repository: "" or "db/"
  std::set<int> versions;  ///< new, or with another checksum; comments and descriptions do not count
  /// "released-version-changed": versions that a release already had then, and that are not what they were.
  std::vector<Finding> findings;
  std::string warning;  ///< why all versions count as changed; empty: they do not
};

/// Compares `project`, as it stands in its directory, committed or not, with what it was where the work at
/// hand left the history of `revision`. When the project of then cannot be loaded, every version counts as
/// changed. Throws Error(usage) when git cannot tell.
Changes changes_since(const Project& project, const std::string& revision,
                      const load::Environment& environment);

/// Versions of `then` up to the newest that a release of then needs, which `now` lacks or has otherwise.
std::vector<Finding> changed_releases(const Project& then, const Project& now);

}  // namespace dbtool::revision
