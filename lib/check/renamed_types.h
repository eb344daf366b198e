#pragma once

#include <map>
#include <string>

#include "catalog/methods.h"
#include "catalog/read.h"

namespace dbtool::check {

/// The server's names of the types in the methods' signatures, as in `live.types`, and of those that the
/// files know by a name that is gone: a version renamed a table or a type, and the functions on it live on
/// under signatures that no file spells. What the one live function of a method's name has at such a place is
/// taken to be the type, unless two functions say different things.
std::map<std::string, std::string> types_with_renamed(const catalog::Methods& methods,
                                                      const catalog::Live& live);

}  // namespace dbtool::check
