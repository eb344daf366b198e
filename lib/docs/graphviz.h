#pragma once

#include <string>

#include "docs/reference.h"

namespace dbtool::docs {

/// The tables and their foreign keys as an SVG element, drawn by Graphviz' `dot`, without what tells its
/// version and without a prolog, so that it can stand in HTML. Throws Error(usage) where `dot` is not
/// installed, Error(failed) when it fails.
std::string draw_svg(const Reference& reference);

/// The same as a file of its own, with the marker.
std::string svg_file(const std::string& svg);

}  // namespace dbtool::docs
