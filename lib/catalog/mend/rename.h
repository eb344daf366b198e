#pragma once

#include <vector>

#include "catalog/mend/kind.h"
#include "catalog/rename.h"

namespace dbtool::catalog::mending {

/// Pairs among the differences that a rename mends whatever else is mended: neither object may go with what
/// it is part of, and what its parent's statement renames is renamed with it.
std::vector<Rename> safe_renames(const std::vector<Difference>& all);

/// Renames what others are part of or name, before all else: all other statements use the expected names.
void rename_first(const Renaming& renaming, Context& context);

void add_rename(const Object& live, const Object& expected, Context& context);

}  // namespace dbtool::catalog::mending
