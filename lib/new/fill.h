#pragma once

#include <map>
#include <string>
#include <string_view>

namespace dbtool {

/// What stands for each @{NAME} of a template.
using Blanks = std::map<std::string, std::string, std::less<>>;

/// The template with its blanks filled. A text of several lines goes on at the column where it begins; a line
/// that gets long is broken behind a comma or before an `and`, and goes on two columns further right. A line
/// that is nothing but a blank with an empty text is left out. Every blank must have a text.
std::string fill_blanks(std::string_view text, const Blanks& blanks);

}  // namespace dbtool
