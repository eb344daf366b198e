#pragma once

#include <string>

#include "model/version.h"

namespace dbtool::ledger {

/// A version as JSON: everything that going back needs (downgrade script, methods, verify, flags), the prefix
/// not replaced, so that neither a missing nor a changed file closes the way back.
std::string to_content(const Version& version);

/// The version that was recorded; places name the ledger instead of a file. Throws Error when the text is not
/// one.
Version from_content(int number, const std::string& checksum, const std::string& content);

}  // namespace dbtool::ledger
