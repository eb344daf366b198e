#pragma once

#include <vector>

#include "catalog/mend/kind.h"

namespace dbtool::catalog::mending {

/// Drops and makes anew what can be changed in no other way, with all that stands on it: parts, and what
/// names it in its definition. Defaults that use it are taken away and set again. Where a table or a column
/// stands on it, it is given up instead: that would cost rows.
void remake_all(std::vector<Alteration>& alterations, Context& context);

}  // namespace dbtool::catalog::mending
