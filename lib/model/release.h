#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/project.h"

namespace dbtool {

/// The major number in a release's name: 34 for "v34.0.0"; nullopt when the name holds no number.
std::optional<int> major_number(const std::string& release_name);

/// Releases whose services may run on a database at `version`: those that need no more than it, and are not
/// older than `support` major releases before the one that brought it.
std::vector<Release> releases_on(const std::vector<Release>& releases, int version, int support);

/// Looks a release up by name, with or without its leading "v"; nullptr when there is none.
const Release* find_release(const std::vector<Release>& releases, const std::string& name);

/// "v32.0.0, v33.0.0" or "none".
std::string names_of(const std::vector<Release>& releases);

}  // namespace dbtool
