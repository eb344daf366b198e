#pragma once

#include <string>

#include "model/finding.h"

namespace dbtool::report {

/// What a finding says, without severity, object, place and advice:
/// "not null: expected not null, found nullable", or the finding's own sentences.
std::string message(const Finding& finding);

/// The same with the object before it and the advice behind it, on one line.
std::string whole_message(const Finding& finding);

/// The same, and the safe way to write it on lines of its own where there is one.
std::string message_with_rewrite(const Finding& finding);

}  // namespace dbtool::report
