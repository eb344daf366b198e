#pragma once

#include <string>

namespace dbtool {

/// The user that this process runs as: its name, or its number where it has none.
std::string os_user();
std::string host_name();

}  // namespace dbtool
