#pragma once

#include <string>

#include "lint/effect.h"
#include "model/finding.h"
#include "model/project.h"

namespace dbtool::lint {

/// How much a table's size says about a danger.
enum class Weight { unknown, small, middling, large };

/// Whether a table holds no rows: nothing in it could be read or written anew. Locks on it are locks all the
/// same.
bool is_known_empty(const TableSize* size);
Weight weight_of(const TableSize* size);

/// Small tables make it a note, large ones an error; else the rule's own severity.
Severity weigh(Severity own, Weight weight);

/// "28.0 million rows, 50 GB: an estimated 3–8 min", "18 rows: quick"; "" when the size is not known.
std::string size_text(const TableSize* size, Work work);

}  // namespace dbtool::lint
