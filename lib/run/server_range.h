#pragma once

#include <string>

namespace dbtool::run {

/// Whether a major version is what `server:` of the settings asks for, e.g. ">=14" or ">=14, <17"; an empty
/// demand asks for nothing.
bool is_in_range(int major, const std::string& demand);

/// The major version to think of where there is no server to ask: 15, or else the oldest that the demand
/// allows.
int assumed_major(const std::string& demand);

}  // namespace dbtool::run
