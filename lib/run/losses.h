#pragma once

#include <string>
#include <vector>

#include "model/settings.h"
#include "pg/connection.h"
#include "run/plan.h"

namespace dbtool::run {

/// What a plan loses for good.
struct Losses {
  std::vector<std::string> texts;  ///< a line each
  bool all_counted = true;         ///< false: a right was missing for the rows of at least one table
};

/// Of the downgrades of a plan: what the versions say of themselves (`loses:`), and the tables and columns
/// with rows in them that a script drops without having read from them. Reads only.
Losses losses_of(pg::Connection& connection, const Plan& plan, const Settings& settings);

}  // namespace dbtool::run
