#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/complaints.h"

namespace dbtool::load {

/// One version file, not read yet.
struct VersionName {
  int number = 0;
  std::string name;  ///< of the file, e.g. "0020.yml"
};

/// The number in a version file's name: "0020.yml" → 20. nullopt when it is no version file's name.
std::optional<int> parse_version_name(std::string_view name);

/// The version files of `folder`, by number. Complains about names, duplicates and gaps; `shown` is the
/// folder's name in places.
std::vector<VersionName> list_versions(const std::filesystem::path& folder, const std::string& shown,
                                       Complaints& complaints);

}  // namespace dbtool::load
