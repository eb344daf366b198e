#pragma once

#include <string>

#include "model/version.h"

namespace dbtool::load {

/// SHA-256 over everything that a version file means, except `description` texts: side files are inlined,
/// line ends are LF, the user prefix is not put in. Stable: it is kept in databases.
std::string checksum(const Version& version);

}  // namespace dbtool::load
