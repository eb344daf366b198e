#pragma once

#include <string>
#include <string_view>

namespace dbtool::report {

/// Text for HTML and SVG, between tags or in a quoted attribute. Control characters, which HTML does not
/// allow, become U+FFFD; line breaks and tabs stay.
std::string escape_markup(std::string_view text);

}  // namespace dbtool::report
