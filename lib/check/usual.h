#pragma once

#include <string>
#include <string_view>

namespace dbtool::check {

/// What it means that an object of the kind lacks a fact, which full catalogs leave out where it is usual:
/// "enabled" of a trigger, "none" of a comment. Not for owners, who depend on the database.
std::string usual_value(std::string_view kind, std::string_view fact);

}  // namespace dbtool::check
