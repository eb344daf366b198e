#pragma once

#include <optional>

#include "environment/probe.h"

/// From portions to all rows. Pure.
namespace dbtool::environment {

/// Sets `low` and `high` of a statement whose portions are rows of its table.
void reckon_sampled(ProbedStatement& statement);
/// Of one that ran as it stands: on what is there, or (with `times`) on so many times fewer rows of a table
/// that the script has filled. `rows`: that these then are; an index build grows a little faster than they
/// do.
void reckon_whole(ProbedStatement& statement, std::optional<double> times, std::int64_t rows,
                  bool builds_index);

}  // namespace dbtool::environment
