#pragma once

#include <cstddef>

#include "load/complaints.h"
#include "load/yaml.h"

namespace dbtool::load {

/// Complains when the scalar that begins at an offset of the text opens a quote that the file never closes.
/// The parser takes the end of a file, behind the end of a line, for the end of the quote: what was cut off
/// from a script would never be missed. To be asked about the last scalar. True when there is no such quote.
bool check_quote(const Document& document, std::size_t offset, Complaints& complaints);

}  // namespace dbtool::load
