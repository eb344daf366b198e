#pragma once

#include <optional>
#include <string_view>

#include "load/yaml.h"

namespace dbtool::load {

/// Reads block mappings of plain one-line values and `|` blocks, as tables.yml, access.yml and most version
/// files are, ten times faster than the YAML parser: there may be tens of thousands of lines. Gives the very
/// tree that the parser gives, or nullopt for whatever goes beyond this form, errors included.
std::optional<Node> read_simple_mapping(std::string_view text);

}  // namespace dbtool::load
