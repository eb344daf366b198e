#pragma once

#include "lint/rule.h"

/// Every rule, one function each, in the file of its name. To add one: its file here, a line below, a line in
/// ../rules.cpp, its cases in test/cases/lint/.
namespace dbtool::lint {

// -- tables and columns: locks, scans, rewrites
Rule create_index_rule();

}  // namespace dbtool::lint
