#pragma once

#include <string>

#include "cli/terminal.h"
#include "rehearse/rehearse.h"

namespace dbtool::cli {

/// What a rehearsal found, for people: a table of the steps, then what each of them did.
std::string rehearsal_text(const rehearse::Outcome& outcome, const Style& style);

}  // namespace dbtool::cli
